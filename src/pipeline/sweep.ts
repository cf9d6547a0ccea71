/**
 * Sweep: takes the clock, leaves nothing pending older than its limit, and closed ledgers.
 *
 * It only nudges and settles, each a single statement or transaction, so it may die anywhere and run again. A range, batch,
 * notice or event whose nudge was lost (a crash between commit and enqueue, a flushed Redis) gets another here.
 */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { listDueBatches, settleOutlived, skipLate } from '../db/batches.ts';
import { readLedger } from '../db/ledger.ts';
import { settleOutlivedNotices } from '../db/notice-hand-over.ts';
import { listDueNotices } from '../db/notices.ts';
import { dropOldAnswers } from '../db/raw-answers.ts';
import { listOpenRanges } from '../db/ranges.ts';
import { noticeMove } from '../db/server-identity.ts';
import { dropOldLimits, dropUnconfirmed } from '../db/subscribers.ts';
import { dropUnfollowedTopics } from '../db/topics.ts';
import { balances } from '../domain/ledger.ts';
import { replayWindowMs } from '../domain/hand-over.ts';
import { releaseAnnouncements } from './announce.ts';
import { keepCountsOfOne } from './edition-counts.ts';
import { judgeEditions } from './breakers.ts';
import { roomToday } from './daily-cap.ts';
import { isGateOpen } from './hand-over.ts';
import { syncListDaily } from './list-sync.ts';
import { liftDue } from './provider-list.ts';
import { reportToOperator } from './report.ts';

/** Nudges of one sweep: a bound on what one run loads; the next continues. */
const nudgesMax = 5000;
/** Who asked and never confirmed is kept for so long; /privacy says so. */
export const unconfirmedDaysMax = 30;

export async function sweep(ctx: Context, { at }: { at?: string } = {}): Promise<void> {
  await noticeMove(ctx.db);
  await judgeEditions(ctx);
  await nudge(ctx);
  const outlived = await settleOutlived(ctx.db, replayWindowMs);
  const outlivedNotices = await settleOutlivedNotices(ctx.db, replayWindowMs);
  if (outlived + outlivedNotices > 0) {
    ctx.log.error(
      { batches: outlived, notices: outlivedNotices },
      'outcome unknown: their keys have expired',
    );
  }
  await releaseAnnouncements(ctx);
  await closeEditions(ctx, at ? new Date(at) : ctx.now());
  await dropUnconfirmed(ctx.db, unconfirmedDaysMax);
  await dropOldLimits(ctx.db);
  await dropUnfollowedTopics(ctx.db);
  await dropOldAnswers(ctx.db, ctx.now());
  await keepCountsOfOne(ctx);
  await reportToOperator(ctx);
  await liftDue(ctx);
  await syncListDaily(ctx);
}

/**
 * Skips what has waited too long and enqueues whatever else waits. A job already queued under the same id is not doubled; with `by`, only a nudge of the same
 * nudger counts as the same, so that nothing waits for the queue to notice a killed worker.
 */
export async function nudge(ctx: Context, by?: number): Promise<void> {
  const late = await skipLate(ctx.db);
  if (late > 0) ctx.log.warn({ batches: late }, 'batches waited for more than twelve hours: too late');
  const ranges = await listOpenRanges(ctx.db, nudgesMax);
  await ctx.queues.addMany(
    'compose',
    ranges.map((rangeId) => ({ rangeId })),
    by,
  );
  // Through a closed gate nothing leaves; whoever opens it nudges, or the next sweep does.
  if (!(await isGateOpen(ctx))) return;
  const hasRoom = (await roomToday(ctx)) > 0;
  const notices = await listDueNotices(ctx.db, nudgesMax, hasRoom);
  const batches = await listDueBatches(ctx.db, nudgesMax, hasRoom);
  await ctx.queues.addMany(
    'deliver',
    [
      ...notices.map(({ noticeId, patient }) => ({ noticeId, ...(patient && { patient }) })),
      ...batches.map((batchId) => ({ batchId })),
    ],
    by,
  );
}

/** Open, and behind every active subscriber's next date. */
const isOver = sql<boolean>`e.closed_at is null and not exists (
  select 1 from slots l where l.next_local_date <= e.date
    and exists (select 1 from subscribers s where s.slot_id = l.id and s.status = 'active'))`;

/**
 * Closes every open edition that is over: its date is behind every active subscriber's next one, nothing of it is pending,
 * and its ledger balances (RULES 19). One that does not balance stays open and says so.
 */
export async function closeEditions(ctx: Context, now: Date): Promise<string[]> {
  const closed: string[] = [];
  const { rows } = await sql<{ date: string }>`
    select date from editions e where ${isOver} order by date`.execute(ctx.db);
  for (const { date } of rows) {
    const isClosed = await ctx.db.transaction().execute(async (trx) => {
      await sql`select 1 from editions where date = ${date} for no key update`.execute(trx);
      // Looked at again under the lock: somebody may just have joined a slot of this date.
      const { rows: over } = await sql`select 1 from editions e where date = ${date} and ${isOver}`.execute(
        trx,
      );
      if (over.length === 0) return false;
      const ledger = await readLedger(trx, date);
      if (ledger.pending > 0) return false;
      if (!balances(ledger)) {
        ctx.log.error({ edition: date, ledger }, 'the ledger does not balance: the edition stays open');
        return false;
      }
      await trx
        .updateTable('editions')
        .set({ closed_at: now, ledger: JSON.stringify({ ...ledger, closed: true }) })
        .where('date', '=', date)
        .execute();
      return true;
    });
    if (isClosed) closed.push(date);
  }
  if (closed.length > 0) ctx.log.info({ editions: closed }, 'editions closed');
  return closed;
}
