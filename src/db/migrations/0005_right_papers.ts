import { type Kysely, sql } from 'kysely';

/** Why a paper matched: the topic's phrase that counted most; null where it is only alike to the topic's papers. */
const statements = [`alter table matches add column phrase text`];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
