/** Waits until nothing of some editions is pending. It only looks and nudges, so it may be cut off anywhere. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { readGate } from '../db/gates.ts';
import { nudge } from './sweep.ts';

const lookEveryMs = 100;
const nudgeEveryMs = 2_000;

/** Why draining stopped: done, or mail is held up by something that waiting here does not mend. */
export type Drained = { done: true } | { done: false; reason: string };

/** Drains the queues of these editions, and of due notices, with whatever workers run here and elsewhere. */
export async function drain(ctx: Context, dates: readonly string[]): Promise<Drained> {
  let nudgedMs = -Infinity;
  for (;;) {
    if ((await countPending(ctx, dates)) === 0) return { done: true };
    const gate = await readGate(ctx.db, ctx.transport.identity);
    if (gate.haltedAt) return { done: false, reason: `Mail is halted: ${gate.reason}.` };
    if (gate.parkedUntil) {
      const until = gate.parkedUntil.toISOString();
      return { done: false, reason: `Mail is parked until ${until}: ${gate.reason}.` };
    }
    if (performance.now() - nudgedMs > nudgeEveryMs) {
      await nudge(ctx, ctx.lease?.id());
      nudgedMs = performance.now();
    }
    await sleep(lookEveryMs, undefined, { signal: ctx.signal });
  }
}

/** Rows that still want work: open ranges, unsettled batches, notices whose time has come. */
async function countPending(ctx: Context, dates: readonly string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from ranges where composed_at is null and edition_date = any(${dates}::date[]))::int
      + (select count(*) from batches where state in ('composed', 'frozen') and edition_date = any(${dates}::date[]))::int
      + (select count(*) from notices where state in ('composed', 'frozen') and next_attempt_at <= now())::int n
  `.execute(ctx.db);
  return rows[0]!.n;
}
