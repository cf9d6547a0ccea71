import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

export interface StoredEvent {
  /** Where the row lies: it is found again there in one step, if it is still the one. */
  place: string;
  svixId: string;
  receivedOn: string;
  receivedAt: Date;
  type: string;
  body: string;
  /** Parked for so long that its mail will never be known. */
  isOld: boolean;
}

/** Events of mails that nobody knows wait for so long; Resend itself repeats events for 28 hours. */
const parkedMsMax = 48 * 3_600_000;
const firstLookMs = 15_000;

/**
 * Stores an event once by its id and says whether it is new. The sender retries for about 28 h, so the id is looked
 * for in the last three days' partitions too.
 */
export async function storeWebhookEvent(
  db: Kysely<Database>,
  event: { svixId: string; type: string; body: string },
): Promise<boolean> {
  const insert = () =>
    sql`
      insert into webhook_events (svix_id, type, body)
      select ${event.svixId}, ${event.type}, ${event.body}
      where not exists (select 1 from webhook_events
        where svix_id = ${event.svixId} and received_on >= (now() at time zone 'utc')::date - 3)
      on conflict do nothing
    `.execute(db);
  const stored = await insert().catch(async (error: { code?: string }) => {
    if (error.code !== noPartition) throw error;
    await ensureEventPartition(db);
    return insert();
  });
  return Number(stored.numAffectedRows) === 1;
}

/**
 * Up to `limit` unprocessed events whose time has come, for this transaction alone: whoever else works events off waits
 * until it ends, which is sooner than marking every row as taken would be. In the order of their index, so that the reading
 * ends after as many; the order itself does not matter.
 */
export async function takeUnprocessedEvents(
  trx: Transaction<Database>,
  limit: number,
): Promise<StoredEvent[]> {
  // A statement of its own: one that waited for the lock would still see the rows as they were before it. And the planner,
  // which knows little of a table that fills and empties, would read all that waits, and all of a day's digests.
  await sql`select pg_advisory_xact_lock(${trackingLock}, 0), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`.execute(trx);
  const { rows } = await sql<StoredEvent>`
    select ctid::text place, svix_id "svixId", received_on "receivedOn", received_at "receivedAt", type, body,
      received_at < now() - make_interval(secs => ${parkedMsMax / 1000}::float8) "isOld"
    from webhook_events where processed_at is null and next_look_at <= now()
    order by next_look_at limit ${limit}
  `.execute(trx);
  return rows;
}

/**
 * Leaves events that speak of mails not known yet for later: twice as old as now, but within the hour. The caller gives up
 * those that are old.
 */
export async function parkEvents(
  trx: Transaction<Database>,
  parked: readonly { svixId: string; receivedOn: string }[],
): Promise<void> {
  if (parked.length === 0) return;
  await sql`
    update webhook_events e set next_look_at = now() + least(interval '1 hour',
      greatest(now() - e.received_at, make_interval(secs => ${firstLookMs / 1000}::float8)))
    from unnest(${parked.map((row) => row.svixId)}::text[], ${parked.map((row) => row.receivedOn)}::date[]) s(svix_id, received_on)
    where e.svix_id = s.svix_id and e.received_on = s.received_on
  `.execute(trx);
}

/** Marks events as processed, each with a word on what came of it. */
export async function settleEvents(
  trx: Transaction<Database>,
  settled: (Pick<StoredEvent, 'place' | 'svixId' | 'receivedOn'> & { result: string })[],
): Promise<void> {
  // A row that moved meanwhile (a reader was erased) stays unprocessed, and is taken again.
  await sql`
    update webhook_events e set processed_at = now(), result = s.result
    from unnest(${settled.map((row) => row.place)}::tid[], ${settled.map((row) => row.svixId)}::text[],
      ${settled.map((row) => row.receivedOn)}::date[], ${settled.map((row) => row.result)}::text[])
      s(place, svix_id, received_on, result)
    where e.ctid = s.place and e.svix_id = s.svix_id and e.received_on = s.received_on
  `.execute(trx);
}

/** First half of the two-part advisory lock under which events are worked off: "TRCK". */
const trackingLock = 0x5452434b;

/** SQLSTATE of a row that fits no partition. */
const noPartition = '23514';

async function ensureEventPartition(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ from: string; to: string }>`
    select (now() at time zone 'utc')::date "from", ((now() at time zone 'utc')::date + 1) "to"
  `.execute(db);
  const { from, to } = rows[0]!;
  await createPartition(db, 'webhook_events', from, to);
}

/** Makes the partition of `[from, to)`; harmless when it is there or another process makes it. */
export async function createPartition(
  db: Kysely<Database>,
  table: 'webhook_events' | 'digests',
  from: string,
  to: string,
): Promise<void> {
  const name = `${table}_${from.replaceAll('-', '')}`;
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${partitionLock}, hashtext(${name}))`.execute(trx);
    await sql`create table if not exists ${sql.ref(name)} partition of ${sql.ref(table)}
      for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(trx);
  });
}

/** First half of the two-part advisory lock under which partitions are made: "PART". */
const partitionLock = 0x50415254;
