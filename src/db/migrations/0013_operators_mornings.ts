import { type Kysely, sql } from 'kysely';

/**
 * Held editions, counts that outlive the digests they count, reports that are handed over like every mail, and what
 * a bounce said. Old workers can run beside it: they plan what is held, and report nothing.
 */
const statements = [
  // An edition whose audience moved by more than half waits, unplanned, until somebody releases it.
  `alter table editions add column held_at timestamptz, add column held_reason text, add column released_at timestamptz`,

  // What the world said of an edition, as last counted. It is read in place of a million digests, and is still there
  // when their partition is gone.
  `create table edition_counts (
    date date primary key references editions on delete cascade,
    counted_at timestamptz not null default now(),
    counts jsonb not null
  )`,

  // The hand-over of a report, as that of a notice.
  `alter table operator_reports add column lease integer, add column transport text,
    add column first_attempt_at timestamptz, add column uncertain_at timestamptz,
    add column settled_at timestamptz, add column reason text`,
  `create index operator_reports_open on operator_reports (next_attempt_at) where settled_at is null`,

  // The receiving server's own words, for the reader's timeline.
  `alter table digests add column bounce_detail text`,
  `alter table notices add column bounce_detail text`,

  // Events come in the order of their time, so this is small, and finds the last minutes among millions.
  `create index webhook_events_received on webhook_events using brin (received_at)`,
  // The few that wait, oldest first, among hundreds of thousands that are done.
  `create index batches_waiting on batches (id) where state in ('composed', 'frozen')`,
  // From a digest to the batch it is in: the one it was composed into, or what that was cut into.
  `create index batches_origin on batches (origin_id) where origin_id is not null`,
  `create index suppressions_created on suppressions (created_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
