import { type Kysely, sql } from 'kysely';

/**
 * Receipts whose ids are UUIDs, as Resend's are, in less than half the room; and the bodies of a request's mails packed as
 * one in the mailbox. What is there stays as it is and is read as before. Old workers can run beside it; until they are
 * updated they do not find the mails of new batches by such an id, only by their tags, and an old mailbox shows new mails
 * without their bodies.
 */
const statements = [
  `alter table batches add column receipt_uuids uuid[]`,

  `create table mailbox_bodies (
    id bigint generated always as identity primary key,
    packed bytea not null
  )`,
  // It is packed already.
  `alter table mailbox_bodies alter column packed set storage external`,
  `alter table mailbox_messages add column body_id bigint, add column body_cut integer[], add column html_bytes integer`,
  `create index mailbox_messages_body on mailbox_messages (body_id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
