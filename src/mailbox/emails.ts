import { type Context, Hono } from 'hono';
import type { Kysely } from 'kysely';

import {
  type MailboxMessage,
  pageMailboxMessages,
  readMailboxMessage,
  rescheduleMailboxMessage,
} from '../db/mailbox-messages.ts';
import type { Database } from '../db/schema.ts';
import { fail, listOf, postgresTime, readObject, readPage, uuidShape } from './answer.ts';
import { readSchedule } from './schedule.ts';

/** What can be asked about mails that were taken, and done to those that have not left: resend.md 1.2. */
export function emailRoutes(db: Kysely<Database>, now: () => Date): Hono {
  const routes = new Hono();

  routes.get('/emails', async (c) => {
    const page = readPage(c);
    if (page instanceof Response) return page;
    const mails = await pageMailboxMessages(db, { ...page, limit: page.limit + 1 });
    return c.json(listOf(mails, page, lineOf));
  });

  routes.get('/emails/:id', async (c) => {
    const mail = await find(c, db);
    return mail instanceof Response ? mail : c.json({ object: 'email', ...wholeOf(mail) });
  });

  routes.patch('/emails/:id', async (c) => {
    const mail = await find(c, db);
    if (mail instanceof Response) return mail;
    const wanted = (await readObject(c))?.['scheduled_at'];
    if (typeof wanted !== 'string')
      return fail(c, 422, 'missing_required_field', 'Missing `scheduled_at` field.');
    const schedule = readSchedule(wanted, now());
    if ('message' in schedule) return fail(c, 422, 'validation_error', schedule.message);
    const isMoved = await rescheduleMailboxMessage(db, mail.id, schedule.at ?? now());
    return isMoved ? c.json({ object: 'email', id: mail.id }) : tooLate(c);
  });

  routes.post('/emails/:id/cancel', async (c) => {
    const mail = await find(c, db);
    if (mail instanceof Response) return mail;
    const isCanceled = await rescheduleMailboxMessage(db, mail.id, null);
    return isCanceled ? c.json({ object: 'email', id: mail.id }) : tooLate(c);
  });

  return routes;
}

async function find(c: Context, db: Kysely<Database>): Promise<MailboxMessage | Response> {
  const id = c.req.param('id') ?? '';
  if (!uuidShape.test(id)) return fail(c, 422, 'validation_error', 'The `id` must be a valid UUID.');
  return (await readMailboxMessage(db, id)) ?? fail(c, 404, 'not_found', 'Email not found');
}

function tooLate(c: Context): Response {
  return fail(c, 422, 'validation_error', 'Only a scheduled email can be changed or canceled.');
}

function lineOf(mail: MailboxMessage): Record<string, unknown> {
  const { Cc, Bcc, 'Reply-To': replyTo } = mail.headers;
  return {
    id: mail.id,
    message_id: `<${mail.id}@mailbox.invalid>`,
    to: mail.to.split(', '),
    from: mail.from,
    created_at: postgresTime(mail.at),
    subject: mail.subject,
    bcc: Bcc?.split(', ') ?? [],
    cc: Cc?.split(', ') ?? [],
    reply_to: replyTo?.split(', ') ?? [],
    last_event: mail.lastEvent,
    scheduled_at: mail.scheduledAt ? postgresTime(mail.scheduledAt) : null,
  };
}

function wholeOf(mail: MailboxMessage): Record<string, unknown> {
  return {
    ...lineOf(mail),
    html: mail.html || null,
    text: mail.text || null,
    tags: Object.entries(mail.tags).map(([name, value]) => ({ name, value })),
  };
}
