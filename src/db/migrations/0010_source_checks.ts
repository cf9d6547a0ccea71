import { type Kysely, sql } from 'kysely';

/** How far a source's changes (new versions, withdrawals) have been read. Old workers can run beside it. */
const statements = [
  `create table source_checks (
    source text primary key,
    through date,
    tried_at timestamptz not null
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
