/** Waits until nothing of some editions is pending. It only looks and nudges, so it may be cut off anywhere. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { isHeldBack } from '../db/batches.ts';
import { readGate } from '../db/gates.ts';
import { editionCourses, judgeEditions } from './breakers.ts';
import { roomToday } from './daily-cap.ts';
import { nudge } from './sweep.ts';

/** Soon at first, because a small edition is done in a moment; then seldom, because a large one is not. */
const lookAfterMs = 10;
const lookAfterMsMax = 100;
const nudgeEveryMs = 2_000;

/** Why draining stopped: done, or mail is held up by something that waiting here does not mend. */
export type Drained = { done: true } | { done: false; reason: string };

/** Drains the queues of these editions, and of due notices, with whatever workers run here and elsewhere. */
export async function drain(ctx: Context, dates: readonly string[]): Promise<Drained> {
  let nudgedMs = -Infinity;
  for (let afterMs = lookAfterMs; ; afterMs = Math.min(2 * afterMs, lookAfterMsMax)) {
    if (performance.now() - nudgedMs > nudgeEveryMs) {
      // Nobody may be sweeping, where this is the only process.
      await judgeEditions(ctx, dates);
      await nudge(ctx, ctx.lease?.id());
      nudgedMs = performance.now();
    }
    const { free, held } = await countPending(ctx, dates);
    if (free + held === 0) return { done: true };
    const reason = (await whatHoldsAll(ctx)) ?? (free === 0 ? await whatHolds(ctx, dates) : undefined);
    if (reason) return { done: false, reason };
    await sleep(afterMs, undefined, { signal: ctx.signal });
  }
}

/** What holds up every mail. */
async function whatHoldsAll(ctx: Context): Promise<string | undefined> {
  const gate = await readGate(ctx.db, ctx.transport.identity);
  if (gate.haltedAt) return `Mail is halted: ${gate.reason}.`;
  if (!gate.parkedUntil) return undefined;
  return `Mail is parked until ${gate.parkedUntil.toISOString()}: ${gate.reason}.`;
}

/** What holds up all that is left; undefined while there is a canary to wait for. */
async function whatHolds(ctx: Context, dates: readonly string[]): Promise<string | undefined> {
  if ((await roomToday(ctx)) === 0) return 'The daily cap is reached: the rest waits for 00:00 UTC.';
  const courses = await editionCourses(ctx, dates);
  const paused = courses.filter(({ course }) => course === 'paused');
  if (paused.length === 0 || courses.some(({ course }) => course === 'trying')) return undefined;
  return paused
    .map(
      ({ date, reason }) =>
        `The edition of ${date} is paused. ${reason} Resume it at /operators, or by: broadsheet edition resume ${date}`,
    )
    .join('\n');
}

/**
 * Rows that still want work: open ranges, unsettled batches, notices whose time has come. Those that a pause or the daily
 * cap holds back are counted apart.
 */
async function countPending(ctx: Context, dates: readonly string[]): Promise<{ free: number; held: number }> {
  const hasRoom = (await roomToday(ctx)) > 0;
  const { rows } = await sql<{ free: number; held: number }>`
    with waiting as (select ${isHeldBack(hasRoom)} held from batches b
      where state in ('composed', 'frozen') and edition_date = any(${dates}::date[]))
    select (select count(*) from ranges where composed_at is null and edition_date = any(${dates}::date[]))::int
      + (select count(*) from waiting where not held)::int
      + (select count(*) from notices where state in ('composed', 'frozen') and next_attempt_at <= now()
        and (${hasRoom} or kind <> 'announcement'))::int free,
      (select count(*) from waiting where held)::int held
  `.execute(ctx.db);
  return rows[0]!;
}
