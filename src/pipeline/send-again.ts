/**
 * Sends today's digest of one reader again, where it was certainly not accepted: everything else might come twice.
 *
 * One transaction makes the new batch, so a crash leaves either nothing or a batch that the sweep nudges. Pressed twice, the
 * second finds the digest waiting, which is no refusal.
 */
import type { Context } from '../context.ts';
import { recordAction } from '../db/operator-actions.ts';
import { batchAnew, findRefused, lockRefused } from '../db/send-again.ts';
import type { SubscriberRow } from '../db/subscribers.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { localDateAt } from '../domain/cadence.ts';

/** Whether there is a digest of today, by the reader's own calendar, that may be sent again. */
export async function maySendAgain(ctx: Context, subscriber: SubscriberRow): Promise<boolean> {
  if (subscriber.status !== 'active' || !subscriber.address) return false;
  const hash = addressHash(ctx.config.suppressionKey, subscriber.address);
  if ((await findSuppressed(ctx.db, [hash])).size > 0) return false;
  return (await findRefused(ctx.db, subscriber.id, todayOf(ctx, subscriber))) !== undefined;
}

/** True once it is on its way. */
export async function sendAgain(ctx: Context, subscriber: SubscriberRow): Promise<boolean> {
  if (!(await maySendAgain(ctx, subscriber))) return false;
  const { id: subscriberId } = subscriber;
  const today = todayOf(ctx, subscriber);
  const batchId = await ctx.db.transaction().execute(async (trx) => {
    const refused = await findRefused(trx, subscriberId, today);
    if (!refused || !(await lockRefused(trx, today, refused))) return undefined;
    await recordAction(trx, { operator: 'operator', action: 'sent again', subscriberId, subject: today });
    return batchAnew(trx, subscriberId, refused);
  });
  if (batchId === undefined) return false;
  ctx.log.info(
    { edition: today, batch: batchId, subscriber: subscriberId },
    'an operator sends a digest again',
  );
  await ctx.queues.add('deliver', { batchId });
  return true;
}

function todayOf(ctx: Context, { timeZone }: SubscriberRow): string {
  return localDateAt(timeZone, ctx.now());
}
