import { type Kysely, sql } from 'kysely';

/** Which key the suppressions were made with, as its fingerprint. Old workers can run beside it: they do not look. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table installation add column suppression_key_fingerprint bytea`.execute(db);
}
