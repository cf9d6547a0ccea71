import { type Kysely, sql } from 'kysely';

/**
 * The last places that were given in the line before a transport, oldest first. An old worker beside a new one gives places
 * without writing them here; for that while a few requests more than the limit may leave, and be asked to wait.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table gates add column places timestamptz[] not null default '{}'`.execute(db);
}
