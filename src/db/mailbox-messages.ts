import { type Kysely, sql } from 'kysely';

import type { Database } from './schema.ts';

/** The mailbox keeps this many of the newest mails; older ones go as new ones come. */
export const mailboxMessagesMax = 50_000;

export interface MailboxMessage {
  id: string;
  at: Date;
  from: string;
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  lastEvent: string;
}

export type NewMailboxMessage = Omit<MailboxMessage, 'at' | 'lastEvent'>;

/** One line of the inbox. `place` orders it and pages through it. */
export interface MailboxLine {
  id: string;
  place: string;
  at: Date;
  to: string;
  subject: string;
  htmlBytes: number;
  lastEvent: string;
}

/** One statement however many: a full batch costs the mailbox one round trip. Order of arrival is order of `place`. */
export async function insertMailboxMessages(
  db: Kysely<Database>,
  messages: readonly NewMailboxMessage[],
  at: Date,
): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    insert into mailbox_messages (id, at, from_address, to_address, subject, html, text, headers, tags)
    select id, ${at}, from_address, to_address, subject, html, text, headers::jsonb, tags::jsonb
    from unnest(
      ${messages.map((message) => message.id)}::uuid[],
      ${messages.map((message) => message.from)}::text[],
      ${messages.map((message) => message.to)}::text[],
      ${messages.map((message) => message.subject)}::text[],
      ${messages.map((message) => message.html)}::text[],
      ${messages.map((message) => message.text)}::text[],
      ${messages.map((message) => JSON.stringify(message.headers))}::text[],
      ${messages.map((message) => JSON.stringify(message.tags))}::text[]
    ) with ordinality as given (id, from_address, to_address, subject, html, text, headers, tags, ordinal)
    order by ordinal`.execute(db);
}

/**
 * Lets go of what is beyond the newest `keep`, by place, so that it costs an index look-up when there is nothing to do.
 * Two deleters never wait for each other.
 */
export async function pruneMailboxMessages(db: Kysely<Database>, keep = mailboxMessagesMax): Promise<void> {
  await sql`
    delete from mailbox_messages where id in (
      select id from mailbox_messages
      where place <= (select max(place) from mailbox_messages) - ${keep}::bigint
      for update skip locked
    )`.execute(db);
}

/** The inbox, newest first, without bodies. `to` keeps the lines whose address contains it. */
export async function listMailboxMessages(
  db: Kysely<Database>,
  page: { limit: number; before?: string; to?: string },
): Promise<MailboxLine[]> {
  let lines = db
    .selectFrom('mailbox_messages')
    .select(['id', 'place', 'at', 'to_address as to', 'subject', 'last_event as lastEvent'])
    // Reads the length from the stored value's head, without unpacking the body.
    .select(sql<number>`octet_length(html)`.as('htmlBytes'))
    .orderBy('place', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) lines = lines.where('place', '<', page.before);
  if (page.to) lines = lines.where(sql<boolean>`strpos(lower(to_address), ${page.to.toLowerCase()}) > 0`);
  return lines.execute();
}

export async function readMailboxMessage(
  db: Kysely<Database>,
  id: string,
): Promise<MailboxMessage | undefined> {
  return db
    .selectFrom('mailbox_messages')
    .select([
      'id',
      'at',
      'from_address as from',
      'to_address as to',
      'subject',
      'html',
      'text',
      'headers',
      'tags',
    ])
    .select('last_event as lastEvent')
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function saveMailboxEvent(db: Kysely<Database>, id: string, lastEvent: string): Promise<void> {
  await db.updateTable('mailbox_messages').set({ last_event: lastEvent }).where('id', '=', id).execute();
}
