import type { Child } from '../child.ts';
import { startChild } from '../child.ts';
import { environmentOf, firstDate, type Stage } from '../stage.ts';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { compose } from '../../src/pipeline/compose.ts';
import type { Bytes } from './bytes.tsx';
import type { Choice } from './choice.ts';
import { measureReaderBytes } from './reader-size.ts';

/** Enough that a page more or less of a table makes no difference to what a reader takes. */
const subscribers = 10_000;
const rangesComposed = 2;

/** Making bytes and choosing papers, in a process of its own, on an edition that was composed before. */
export async function measureFigures(
  stage: Stage,
  say: (line: string) => void,
): Promise<{ bytes: Bytes; choice: Choice; readerBytes: number }> {
  const databaseUrl = await stage.makeDatabase('figures', subscribers);
  const env = environmentOf(databaseUrl, stage.sinkUrl);
  const ctx = await openContext(loadConfig(env));
  const { rangeIds } = await plan(ctx, { at: `${firstDate}T07:00:01Z` });
  for (const rangeId of rangeIds.slice(0, rangesComposed)) await compose(ctx, { rangeId });
  const child: Child = await startChild('./figures/worker.ts', { env });
  try {
    const bytes = await child.ask<Bytes>('bytes');
    const choice = await child.ask<Choice>('choice');
    say(
      `bytes: ${bytes.assembleMicros.map(Math.round).join(' ')} µs against ${bytes.renderMicros.map(Math.round).join(' ')} µs`,
    );
    say(
      `choice: ${choice.indexMicros.map(Math.round).join(' ')} µs against ${choice.queryMicros.map(Math.round).join(' ')} µs`,
    );
    return { bytes, choice, readerBytes: await measureReaderBytes(ctx) };
  } finally {
    await child.stop();
    await ctx.close();
    await stage.dropDatabase('figures');
  }
}
