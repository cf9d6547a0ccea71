/**
 * Cuts a batch that was never frozen and cannot leave as it is, in one transaction: a crash leaves it whole, or leaves its
 * parts, which the sweep nudges.
 */
import type { Context } from '../context.ts';
import { cutBatch, insertSingles } from '../db/batch-cuts.ts';
import { type ClaimedBatch, releaseBatch } from '../db/batches.ts';
import { roomToday } from './daily-cap.ts';

/**
 * Whether a batch may be frozen as it is. Over a keyless transport it becomes one batch for each member; where the daily
 * cap has no room for all of it, it is cut where the room ends, or given back until tomorrow.
 */
export async function leavesWhole(ctx: Context, batch: ClaimedBatch & { lease: number }): Promise<boolean> {
  const { length } = batch.positions;
  const isForSingles = ctx.transport.isKeyless && length > 1;
  const room = isForSingles ? length : await roomToday(ctx);
  if (!isForSingles && room >= length) return true;
  if (room === 0) {
    await releaseBatch(ctx.db, batch, { afterMs: 0, reason: 'The daily cap is reached.' });
    return false;
  }
  const ids = await ctx.db
    .transaction()
    .execute((trx) => (isForSingles ? insertSingles(trx, batch) : cutBatch(trx, batch, room)));
  // Handed on to whoever is free.
  await ctx.queues.addMany(
    'deliver',
    ids.map((batchId) => ({ batchId })),
  );
  return false;
}
