import { type Kysely, sql } from 'kysely';

/** The hash of a batch's body is another one from now on (src/press/body-hash.ts); what was frozen before keeps its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table batches add column body_hash bytea`.execute(db);
}
