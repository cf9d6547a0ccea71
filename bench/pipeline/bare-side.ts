import type { Context } from '../../src/context.ts';
import type { Usage } from '../answering.ts';
import { startChild } from '../child.ts';
import type { Stage } from '../stage.ts';
import type { RunningSide } from './plain-side.ts';
import { readReadyMails } from './ready-mails.ts';
import type { Repeat } from './side.ts';

/** Enough that no mail comes twice in a request, and little enough to hold. */
const readyMailsMax = 1000;

/** The bare hand-off, with mails that our own pipeline made of a date. */
export async function openBareSide(
  stage: Stage,
  ctx: Context,
  { date, subscribers }: { date: string; subscribers: number },
): Promise<RunningSide> {
  const child = await startChild('./pipeline/bare.ts', { env: { RESEND_BASE_URL: stage.sinkUrl } });
  await child.ask('load', await readReadyMails(ctx, date, readyMailsMax));
  return {
    async repeat() {
      const before = await child.ask<Usage>('usage');
      const sent = await child.ask<Omit<Repeat, 'cpuSeconds'>>('send', subscribers);
      const { cpuSeconds } = await child.ask<Usage>('usage');
      await stage.sink.ask('taken');
      return { ...sent, cpuSeconds: cpuSeconds - before.cpuSeconds };
    },
    peakMiB: async () => (await child.ask<Usage>('usage')).peakMiB,
    close: () => child.stop(),
  };
}
