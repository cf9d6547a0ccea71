import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/schema.ts';

export const topicsEach = 5;
export const papersEach = 7;

/** Zones whose readers are due at one moment, 07:00 UTC in winter. */
const slots = [
  { timeZone: 'UTC', sendHour: 7 },
  { timeZone: 'Europe/Berlin', sendHour: 8 },
  { timeZone: 'Asia/Tokyo', sendHour: 16 },
  { timeZone: 'America/New_York', sendHour: 2 },
];

/**
 * Makes confirmed subscribers who are due on `date`. Each follows five topics; the nth topic is followed n times less
 * than the first, a tail as long as there are topics. Straight into the tables, without looking up what is known to be
 * there: a million of them take a minute.
 */
export async function seedSubscribers(
  db: Kysely<Database>,
  { count, topics, date }: { count: number; topics: number; date: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`set local synchronous_commit = off`.execute(trx);
    await sql`select setseed(0.42)`.execute(trx);
    await sql`
      insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date)
      select z, h, 127, ${`${date}T07:00:00Z`}, ${date} from unnest(${slots.map(({ timeZone }) => timeZone)}::text[],
        ${slots.map(({ sendHour }) => sendHour)}::int[]) s(z, h)`.execute(trx);
    await sql`
      insert into subscribers (address, status, slot_id, max_papers, confirmed_at)
      select 'reader' || n || '@university' || n % 500 || '.test', 'active',
        (select min(id) from slots) + n % ${slots.length}, ${papersEach}, now() from generate_series(1, ${count}) n`.execute(
      trx,
    );
    await sql`
      with followed as materialized (select array_agg(id order by id) ids from topics)
      insert into follows (subscriber_id, topic_id)
      select s.id, (select ids[1 + place] from followed) from subscribers s cross join lateral (
        select distinct floor(power(${topics}, random()))::int - 1 place from generate_series(1, ${topicsEach * 2}) x
        where s.id > 0 limit ${topicsEach}) t
      order by 1, 2`.execute(trx);
  });
  // As a server that runs for a while has done: a page's first reading after a change is logged in full otherwise.
  await sql`vacuum analyze`.execute(db);
}
