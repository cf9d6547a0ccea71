/** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono';
import type { Kysely } from 'kysely';

import {
  listMailboxMessages,
  mailboxMessagesMax,
  type MailboxMessage,
  readMailboxMessage,
} from '../db/mailbox-messages.ts';
import type { Database } from '../db/schema.ts';
import type { MailboxEvents } from './events.ts';
import { InboxPage } from './inbox-page.tsx';
import { localOnly, type PeerOf } from './local-only.ts';
import { MessagePage } from './message-page.tsx';
import { type Outcome, outcomes } from './outcome.ts';
import { pageHeaders, frameHeaders } from './sheet.tsx';

export interface InboxOptions {
  db: Kysely<Database>;
  events: MailboxEvents;
  /** Who is at the other end; the connection's remote address unless a test says otherwise. */
  peerOf?: PeerOf;
}

const linesMax = 100;
const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The pages under /mailbox: what the mailbox got, and what becomes of it. Reading changes nothing. */
export function mailboxInbox(options: InboxOptions): Hono {
  const { db, events } = options;
  const inbox = new Hono();
  const guard = localOnly(options.peerOf);
  inbox.use('/mailbox', guard);
  inbox.use('/mailbox/*', guard);

  inbox.get('/mailbox', async (c) => {
    const { before, to } = c.req.query();
    const page = {
      // One more than is shown tells whether there are older ones.
      limit: linesMax + 1,
      ...(before !== undefined && /^\d{1,18}$/.test(before) && { before }),
      ...(to && { to: to.slice(0, 200).replaceAll('\0', '') }),
    };
    const lines = await listMailboxMessages(db, page);
    const shown = lines.slice(0, linesMax);
    return send(
      c,
      <InboxPage lines={shown} hasOlder={lines.length > linesMax} isNewest={!page.before} to={page.to} />,
    );
  });

  inbox.get('/mailbox/messages.json', async (c) => {
    const lines = await listMailboxMessages(db, { limit: mailboxMessagesMax });
    c.header('Cache-Control', 'no-store');
    const messages = lines.map(({ id, to, subject, at, htmlBytes }) => ({ id, to, subject, at, htmlBytes }));
    return c.json({ messages });
  });

  inbox.get('/mailbox/:id', async (c) => {
    const message = await find(c, db);
    if (!message) return c.text('The mailbox has no such mail; it may have been old and gone.\n', 404);
    const { outcome, answer, width } = c.req.query();
    const said =
      isOutcome(outcome) && /^(?:none|[1-5]\d\d)$/.test(answer ?? '')
        ? { outcome, answer: answer! }
        : undefined;
    return send(c, <MessagePage message={message} said={said} isNarrow={width === 'phone'} />);
  });

  inbox.get('/mailbox/:id/html', async (c) => {
    const message = await find(c, db);
    if (!message) return c.text('The mailbox has no such mail.\n', 404);
    for (const [name, value] of Object.entries(frameHeaders)) c.header(name, value);
    return c.html(withLinksOutside(message.html));
  });

  inbox.post('/mailbox/:id', async (c) => {
    const message = await find(c, db);
    const { outcome } = await c.req.parseBody();
    if (!message) return c.text('The mailbox has no such mail.\n', 404);
    if (!isOutcome(outcome)) return c.text('The form names no outcome that the mailbox knows.\n', 400);
    const report = await events.report(message, outcome);
    return c.redirect(`/mailbox/${message.id}?outcome=${outcome}&answer=${report.status ?? 'none'}`, 303);
  });

  return inbox;
}

function find(c: Context, db: Kysely<Database>): Promise<MailboxMessage | undefined> {
  const id = c.req.param('id') ?? '';
  return uuidShape.test(id) ? readMailboxMessage(db, id) : Promise.resolve(undefined);
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'string' && Object.hasOwn(outcomes, value);
}

function send(c: Context, page: { toString(): string }): Response {
  for (const [name, value] of Object.entries(pageHeaders)) c.header(name, value);
  return c.html(`<!doctype html>${page.toString()}`);
}

/** The mail as it came, but for one line: its links open beside the mailbox and not inside its frame. */
function withLinksOutside(html: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, `$&${base}`) : base + html;
}
