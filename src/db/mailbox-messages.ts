import { type Kysely, sql } from 'kysely';

import { packBodies, unpackBody } from './mailbox-bodies.ts';
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
  /** When it is to leave; null for one that left at once. */
  scheduledAt: Date | null;
}

export type NewMailboxMessage = Omit<MailboxMessage, 'at' | 'lastEvent' | 'scheduledAt'> & {
  scheduledAt?: Date | null;
};

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

/** One statement however many, and their bodies packed as one. Order of arrival is order of `place`. */
export async function insertMailboxMessages(
  db: Kysely<Database>,
  messages: readonly NewMailboxMessage[],
  at: Date,
): Promise<void> {
  if (messages.length === 0) return;
  const { packed, cuts } = await packBodies(messages);
  const heads = messages.map(({ html: _html, text: _text, scheduledAt, ...head }, place) => ({
    ...head,
    scheduledAt: scheduledAt ?? null,
    cut: `{${cuts[place]!.join()}}`,
    htmlBytes: cuts[place]![1],
  }));
  await sql`
    with body as (insert into mailbox_bodies (packed) values (${packed}) returning id)
    insert into mailbox_messages (id, at, from_address, to_address, subject, headers, tags, scheduled_at, last_event,
      body_id, body_cut, html_bytes)
    select (m ->> 'id')::uuid, ${at}, m ->> 'from', m ->> 'to', m ->> 'subject', m -> 'headers', m -> 'tags',
      (m ->> 'scheduledAt')::timestamptz, case when m ->> 'scheduledAt' is null then 'sent' else 'scheduled' end,
      body.id, (m ->> 'cut')::int[], (m ->> 'htmlBytes')::int
    from body, jsonb_array_elements(${JSON.stringify(heads)}::jsonb) with ordinality head (m, ordinal)
    order by ordinal`.execute(db);
}

/**
 * Lets go of what is beyond the newest `keep`, by place, so that it costs an index look-up when there is nothing to do.
 * Two deleters never wait for each other.
 */
export async function pruneMailboxMessages(db: Kysely<Database>, keep = mailboxMessagesMax): Promise<void> {
  await sql`
    with oldest as (select max(place) - ${keep}::bigint place from mailbox_messages),
    gone as (
      delete from mailbox_messages where id in (
        select id from mailbox_messages where place <= (select place from oldest) for update skip locked
      ) returning body_id
    )
    delete from mailbox_bodies where id in (select body_id from gone) and not exists (
      select 1 from mailbox_messages m where m.body_id = mailbox_bodies.id and m.place > (select place from oldest)
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
    // Mails of before bodies were packed have theirs with them.
    .select(sql<number>`coalesce(html_bytes, octet_length(html))`.as('htmlBytes'))
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
  const row = await db
    .selectFrom('mailbox_messages as m')
    .leftJoin('mailbox_bodies as b', 'b.id', 'm.body_id')
    .select([
      'm.id',
      'at',
      'from_address as from',
      'to_address as to',
      'subject',
      'html',
      'text',
      'headers',
      'tags',
    ])
    .select(['packed', 'body_cut as cut', 'scheduled_at as scheduledAt', lastEventNow.as('lastEvent')])
    .where('m.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { packed, cut, ...message } = row;
  return packed && cut ? { ...message, ...(await unpackBody(packed, cut)) } : message;
}

/** Nobody is woken when a scheduled mail's time comes; whoever looks then sees that it has left. */
const lastEventNow = sql<string>`case when last_event = 'scheduled' and scheduled_at <= now() then 'sent' else last_event end`;

/** A page of the API's list, newest first; `after` and `before` are the ids of mails beside which it begins. */
export async function pageMailboxMessages(
  db: Kysely<Database>,
  page: { limit: number; after?: string | undefined; before?: string | undefined },
): Promise<MailboxMessage[]> {
  const placeOf = (id: string) => sql`(select place from mailbox_messages where id = ${id})`;
  const { rows } = await sql<MailboxMessage>`
    select id, at, from_address "from", to_address "to", subject, '' html, '' text, headers, tags,
      ${lastEventNow} "lastEvent", scheduled_at "scheduledAt"
    from (select * from mailbox_messages
      where ${page.after === undefined ? sql`true` : sql`place < ${placeOf(page.after)}`}
        and ${page.before === undefined ? sql`true` : sql`place > ${placeOf(page.before)}`}
      order by place ${page.before === undefined ? sql`desc` : sql`asc`} limit ${page.limit}) page
    order by place desc`.execute(db);
  return rows;
}

/** Moves a mail that has not left yet, or calls it off (`at` null). False when it has left, or never was scheduled. */
export async function rescheduleMailboxMessage(
  db: Kysely<Database>,
  id: string,
  at: Date | null,
): Promise<boolean> {
  const result = await sql`update mailbox_messages
    set scheduled_at = coalesce(${at}::timestamptz, scheduled_at),
      last_event = case when ${at}::timestamptz is null then 'canceled' else last_event end
    where id = ${id} and last_event = 'scheduled' and scheduled_at > now()`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

export async function saveMailboxEvent(db: Kysely<Database>, id: string, lastEvent: string): Promise<void> {
  await db.updateTable('mailbox_messages').set({ last_event: lastEvent }).where('id', '=', id).execute();
}
