import { type Kysely, sql } from 'kysely';

/** What the breakers read, and the daily cap counts. Old workers must not run beside it: they know no pause. */
const statements = [
  // The few digests of a date that speak against its edition: the breakers count them at every event.
  `create index digests_troubled on digests (local_date) where bounced_at is not null or complained_at is not null`,

  // So many of an edition's digests were reported on when they were last counted; there are never fewer.
  `alter table editions add column reported integer not null default 0`,

  // Where a day's count begins: batches of today were made yesterday at the earliest. Rows come in that order.
  `create index batches_created on batches using brin (created_at)`,

  // A cap is the environment's, and what it has left follows from what was mailed that day.
  `alter table gates drop column warming_since, drop column capped_until`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
