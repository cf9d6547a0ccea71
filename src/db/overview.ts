import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** What the world reported about the digests of one date. */
export interface OutcomeCounts {
  delivered: number;
  bounced: number;
  complained: number;
}

/** How many there are of whom: a count over all of them. */
export interface ReaderCounts {
  active: number;
  unconfirmed: number;
  suppressed: number;
}

/** What waits or has piled up, all in one look. */
export interface Standing {
  /** Webhook events stored and not worked off, and for how long the oldest has waited that is not parked. */
  unprocessedEvents: number;
  oldestEventS: number | null;
  waitingNotices: number;
  /** Seconds since the scheduler last ticked; null when it never did. */
  tickAgeS: number | null;
}

export async function readStanding(db: Kysely<Database>): Promise<Standing> {
  const { rows } = await sql<Standing>`
    select (select count(*)::int from webhook_events where processed_at is null) "unprocessedEvents",
      (select extract(epoch from now() - min(received_at))::int from webhook_events
        where processed_at is null and next_look_at <= now()) "oldestEventS",
      (select count(*)::int from notices where state in ('composed', 'frozen')) "waitingNotices",
      (select extract(epoch from now() - scheduler_ticked_at)::int from installation) "tickAgeS"
  `.execute(db);
  return rows[0]!;
}

export async function countReaders(db: Kysely<Database>): Promise<ReaderCounts> {
  const { rows } = await sql<ReaderCounts>`
    select (count(*) filter (where status = 'active'))::int active,
      (count(*) filter (where status = 'unconfirmed'))::int unconfirmed,
      (select count(*)::int from suppressions) suppressed
    from subscribers`.execute(db);
  return rows[0]!;
}
