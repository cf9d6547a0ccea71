import { type Kysely, sql } from 'kysely';

/**
 * Announcements and who got them; topics that operators keep; papers they feature. Old workers can run beside it, but
 * would overtake confirmations with announcements.
 */
const statements = [
  // A draft until it is started; then subject, markup and text part are fixed, and the audience is walked by number from
  // walked_id to through_id, a set at a time. already: readers who had this text from an earlier announcement.
  `create table announcements (
    id integer generated always as identity primary key,
    source text not null,
    sha256 bytea not null,
    created_at timestamptz not null default now(),
    topic_id integer references topics,
    subject text,
    html text,
    text text,
    started_at timestamptz,
    through_id integer not null default 0,
    walked_id integer not null default 0,
    already integer not null default 0,
    released_at timestamptz,
    stopped_at timestamptz,
    closed_at timestamptz,
    ledger jsonb
  )`,
  // The same text to the same audience is the same announcement, however often it is asked for.
  `create unique index announcements_once on announcements (sha256, coalesce(topic_id, 0)) where started_at is not null`,

  `alter table notices add column announcement_id integer references announcements`,
  `create index notices_announcement on notices (announcement_id, state) where announcement_id is not null`,
  // A million settled notices must not slow the sweep's question for those that wait.
  `create index notices_waiting on notices (id) where state in ('composed', 'frozen')`,

  // operated_at: an operator's word on this topic stands, and the data file no longer changes it. merged_into: its readers
  // follow that topic now, and whoever asks for this one by its slug gets that one. See docs/decisions/0018.
  `alter table topics add column operated_at timestamptz,
    add column merged_into integer references topics check (merged_into <> id)`,

  // An editor's word on a paper, shown with it wherever it is chosen.
  `alter table papers add column featured_at timestamptz, add column editor_note text not null default ''`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
