import { type Kysely, sql } from 'kysely';

import type { Database } from './schema.ts';

/** Whether a request may leave now; otherwise how long to wait, or until when the source wants silence. */
export type Turn =
  | { entered: true }
  | { entered: false; waitMs: number; silentUntil?: Date; reason?: string };

/**
 * Takes the one place there is for asking a source, over all processes: nobody else is at it, the pause since the last
 * answer is over, and no silence was asked for. By the database's clock. A holder who dies keeps it for `heldMs` at most.
 */
export async function enterSourceGate(
  db: Kysely<Database>,
  source: string,
  holder: string,
  heldMs: number,
): Promise<Turn> {
  await sql`insert into source_gates (source) values (${source}) on conflict do nothing`.execute(db);
  const { rows } = await sql<{
    entered: boolean;
    waitMs: number;
    silentUntil: Date | null;
    reason: string | null;
  }>`
    with entered as (
      update source_gates set holder = ${holder},
        busy_until = clock_timestamp() + make_interval(secs => ${heldMs / 1000}::float8)
      where source = ${source} and greatest(busy_until, next_at, silent_until) <= clock_timestamp()
      returning 1)
    select exists (select from entered) as entered,
      greatest(0, case when greatest(busy_until, next_at) = '-infinity' then 0
        else extract(epoch from greatest(busy_until, next_at) - clock_timestamp()) end)::float8 * 1000 as "waitMs",
      case when silent_until > clock_timestamp() then silent_until end as "silentUntil", reason
    from source_gates where source = ${source}
  `.execute(db);
  const { entered, waitMs, silentUntil, reason } = rows[0]!;
  if (entered) return { entered };
  return {
    entered,
    waitMs,
    ...(silentUntil && { silentUntil }),
    ...(reason !== null && { reason }),
  };
}

/** Gives the place back. The next one waits `pauseMs` from now. */
export async function leaveSourceGate(
  db: Kysely<Database>,
  source: string,
  holder: string,
  pauseMs: number,
): Promise<void> {
  await sql`update source_gates set holder = null, busy_until = '-infinity',
      next_at = clock_timestamp() + make_interval(secs => ${pauseMs / 1000}::float8)
    where source = ${source} and holder = ${holder}`.execute(db);
}

/** Nobody asks the source for this long, or for longer where that was said before. */
export async function silenceSource(
  db: Kysely<Database>,
  source: string,
  forMs: number,
  reason: string,
): Promise<void> {
  await sql`update source_gates set reason = ${reason}, silent_until =
      greatest(silent_until, clock_timestamp() + make_interval(secs => ${forMs / 1000}::float8))
    where source = ${source}`.execute(db);
}
