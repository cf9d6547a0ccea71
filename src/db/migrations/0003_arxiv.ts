import { type Kysely, sql } from 'kysely';

/** Several sources tell of one paper; sources ask for patience; answers are kept, so that a mended parser can try again. */
const statements = [
  // Null while no list has held the paper: then only new versions of it were announced.
  `alter table papers alter column first_listed_on drop not null`,
  // Whose text it is, and when what is stored was read. See src/db/papers.ts for who wins.
  `alter table papers
    add column text_rank smallint not null default 1,
    add column text_read_at timestamptz,
    add column facts_read_at timestamptz`,
  `update papers set text_read_at = updated_at, facts_read_at = updated_at`,
  `alter table papers alter column text_read_at set not null, alter column facts_read_at set not null`,

  // One row a source that wants to be asked slowly, by one process at a time.
  `create table source_gates (
    source text primary key,
    holder uuid,
    busy_until timestamptz not null default '-infinity',
    next_at timestamptz not null default '-infinity',
    silent_until timestamptz,
    reason text
  )`,

  // The answers as they came, deflated; the same answer again only moves read_at.
  `create table raw_answers (
    id bigint generated always as identity primary key,
    source text not null,
    day date not null,
    read_at timestamptz not null,
    closed boolean not null,
    etag text,
    body bytea not null,
    sha256 bytea not null,
    unique (source, day, sha256)
  )`,
  `create index raw_answers_read_at on raw_answers (read_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
