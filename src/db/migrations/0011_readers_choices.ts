import { type Kysely, sql } from 'kysely';

/** Pictures that we serve ourselves, and what else a reader may choose. Workers of before can run beside it. */
const statements = [
  // By content; no address of a mail ever gives other bytes. JPEG does not compress further.
  `create table pictures (
    sha256 bytea primary key,
    bytes bytea not null,
    width smallint not null,
    height smallint not null,
    created_at timestamptz not null default now()
  )`,
  `alter table pictures alter column bytes set storage external`,
  `create index pictures_created on pictures (created_at)`,
  // What came of the address a paper's source named: both sizes, or how often it was refused. A size may be gone by now.
  `create table paper_pictures (
    paper_id integer primary key references papers on delete cascade,
    address text not null,
    wide bytea,
    small bytea,
    attempts smallint not null default 0,
    next_attempt_at timestamptz not null default now()
  )`,

  // Mail without HTML; a short note on days without a paper; papers named in the form, until they become tastes.
  `alter table subscribers add column text_only boolean not null default false,
    add column empty_days text not null default 'silence' check (empty_days in ('silence', 'note')),
    add column wanted_papers text[] not null default '{}'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
