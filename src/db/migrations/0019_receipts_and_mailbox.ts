import { type Kysely, sql } from 'kysely';

/**
 * Receipts whose ids are UUIDs, as Resend's are, in less than half the room. Those that are there stay texts. Old workers can
 * run beside it; until they are updated they do not find the mails of new batches by such an id, only by their tags.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table batches add column receipt_uuids uuid[]`.execute(db);
}
