import { type Kysely, sql } from 'kysely';

/** When a reader undid their unsubscription or their complaint: the row of the subscriber forgets both. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table returns (
    subscriber_id int not null references subscribers (id),
    at timestamptz not null default now(),
    left_at timestamptz,
    undid_complaint boolean not null,
    primary key (subscriber_id, at)
  )`.execute(db);
}
