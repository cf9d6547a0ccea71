/**
 * Reconcile: asks the provider what became of accepted mails that no webhook spoke of, and stores its answers as the events
 * that are missing. It may die anywhere: what is stored is tracked like every event, the rest is asked for again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { takeTurn } from '../db/gates.ts';
import { storeWebhookEvent } from '../db/webhook-events.ts';
import { listSilentDigests, type SilentDigest } from '../db/webhook-inbox.ts';
import { digestTag } from '../domain/digest.ts';
import type { LookedUp } from '../transport/resend-look-up.ts';

export interface Reconciled {
  asked: number;
  /** Those of which something is known now. */
  answered: number;
}

/** Questions of one press: they take turns with the mail, so that no mail waits long for them. */
export const questionsMax = 50;
const turnWaitMsMax = 5_000;
/** What the provider can say that a webhook would have said. */
const outcomes: ReadonlySet<string> = new Set(['delivered', 'bounced', 'complained', 'failed', 'suppressed']);

/** Undefined where the transport cannot be asked, as a mail server cannot. */
export async function reconcile(ctx: Context, dates: readonly string[]): Promise<Reconciled | undefined> {
  if (!ctx.transport.lookUp) return undefined;
  const silent = await listSilentDigests(ctx.db, dates, questionsMax);
  const done: Reconciled = { asked: 0, answered: 0 };
  for (const digest of silent) {
    // Other questions, and mail, are ahead: the rest is for another time.
    const { waitMs } = await takeTurn(ctx.db, ctx.transport.identity, ctx.config.ratePerSecond);
    if (waitMs > turnWaitMsMax) break;
    await sleep(waitMs, undefined, { signal: ctx.signal });
    const answer = await ctx.transport.lookUp(digest.mailId);
    done.asked++;
    if (answer && outcomes.has(answer.event) && (await store(ctx, digest, answer))) done.answered++;
  }
  if (done.answered > 0) await ctx.queues.add('track', {});
  ctx.log.info({ ...done }, 'asked the provider what became of silent mails');
  return done;
}

/** When it happened is not told, so the event is of now. Asked twice, the same answer has the same id. */
function store(ctx: Context, digest: SilentDigest, { event, bounce }: LookedUp): Promise<boolean> {
  const type = `email.${event}`;
  const tags = { digest: digestTag(digest.subscriberId, digest.localDate) };
  const data = { email_id: digest.mailId, tags, ...(bounce !== undefined && { bounce }) };
  return storeWebhookEvent(ctx.db, {
    svixId: `asked-${digest.mailId}-${event}`,
    type,
    body: JSON.stringify({ type, created_at: new Date().toISOString(), data }),
  });
}
