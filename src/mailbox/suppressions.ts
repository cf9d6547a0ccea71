import { type Context, Hono } from 'hono';
import type { Kysely } from 'kysely';

import {
  addMailboxSuppressions,
  type MailboxSuppression,
  pageMailboxSuppressions,
  readMailboxSuppression,
  removeMailboxSuppressions,
} from '../db/mailbox-suppressions.ts';
import type { Database } from '../db/schema.ts';
import { fail, listOf, postgresTime, readObject, readPage } from './answer.ts';
import type { MailboxEvents } from './events.ts';

const atOnceMax = 100;
const addressShape = /^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+$/;

/** The account's suppression list (resend.md 1.9). */
export function suppressionRoutes(db: Kysely<Database>, events: MailboxEvents): Hono {
  const routes = new Hono();

  async function add(emails: readonly string[]): Promise<object[]> {
    const entries = await addMailboxSuppressions(db, emails, 'manual');
    for (const entry of entries) {
      if (entry.isNew) void events.reportSuppression('added', entry).catch(() => {});
    }
    return entries.map(({ id }) => ({ object: 'suppression', id }));
  }

  async function remove(names: readonly string[]): Promise<object[]> {
    const entries = await removeMailboxSuppressions(db, names);
    for (const entry of entries) void events.reportSuppression('removed', entry).catch(() => {});
    return entries.map(({ id }) => ({ object: 'suppression', id, deleted: true }));
  }

  routes.post('/suppressions', async (c) => {
    const email = (await readObject(c))?.['email'];
    if (email === undefined) return fail(c, 422, 'missing_required_field', 'Missing `email` field.');
    if (!isAddress(email)) return invalid(c, 'email');
    return c.json((await add([email]))[0]!, 201);
  });

  routes.post('/suppressions/batch/add', async (c) => {
    const emails = (await readObject(c))?.['emails'];
    if (emails === undefined) return fail(c, 422, 'missing_required_field', 'Missing `emails` field.');
    if (!isListOf(emails, isAddress)) return invalid(c, 'emails');
    return c.json({ data: await add(emails) }, 201);
  });

  routes.post('/suppressions/batch/remove', async (c) => {
    const { emails, ids } = (await readObject(c)) ?? {};
    if ((emails === undefined) === (ids === undefined)) {
      return fail(c, 422, 'validation_error', 'Provide either `emails` or `ids`, but not both.');
    }
    const names = emails ?? ids;
    if (!isListOf(names, isText)) return invalid(c, emails === undefined ? 'ids' : 'emails');
    return c.json({ data: await remove(names) });
  });

  routes.get('/suppressions', async (c) => {
    const page = readPage(c);
    if (page instanceof Response) return page;
    const { origin } = c.req.query();
    if (origin !== undefined && !['bounce', 'complaint', 'manual'].includes(origin))
      return invalid(c, 'origin');
    const entries = await pageMailboxSuppressions(db, { ...page, origin, limit: page.limit + 1 });
    return c.json(listOf(entries, page, lineOf));
  });

  routes.get('/suppressions/:name', async (c) => {
    const entry = await readMailboxSuppression(db, c.req.param('name'));
    return entry ? c.json({ object: 'suppression', ...lineOf(entry) }) : unknown(c);
  });

  routes.delete('/suppressions/:name', async (c) => {
    const [removed] = await remove([c.req.param('name')]);
    return removed ? c.json(removed) : unknown(c);
  });

  return routes;
}

function lineOf(entry: MailboxSuppression): object {
  return {
    id: entry.id,
    email: entry.email,
    origin: entry.origin,
    source_id: entry.sourceId,
    created_at: postgresTime(entry.createdAt),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 320 && !value.includes('\0');
}

function isAddress(value: unknown): value is string {
  return isText(value) && addressShape.test(value);
}

function isListOf<T>(value: unknown, isOne: (entry: unknown) => entry is T): value is T[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= atOnceMax && value.every(isOne);
}

function invalid(c: Context, field: string): Response {
  return fail(c, 422, 'validation_error', `Invalid \`${field}\` field.`);
}

function unknown(c: Context): Response {
  return fail(c, 404, 'not_found', 'Suppression not found');
}
