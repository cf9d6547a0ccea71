import { randomBytes } from 'node:crypto';

import { type Context, Hono } from 'hono';
import type { Kysely } from 'kysely';
import { z } from 'zod';

import {
  deleteMailboxWebhook,
  insertMailboxWebhook,
  listMailboxWebhooks,
  type MailboxWebhook,
  updateMailboxWebhook,
} from '../db/mailbox-webhooks.ts';
import type { Database } from '../db/schema.ts';
import { fail, postgresTime, readObject, uuidShape } from './answer.ts';

const webhooksMax = 20;
const endpoint = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\//);
const events = z
  .array(z.string().regex(/^[a-z_.]{1,60}$/))
  .min(1)
  .max(60);
const creation = z.object({ endpoint, events });
const change = z.object({ endpoint, events, status: z.enum(['enabled', 'disabled']) }).partial();

/** Endpoints that want to be told too, beside the one that the mailbox was opened with (resend.md 1.8). */
export function webhookRoutes(db: Kysely<Database>): Hono {
  const routes = new Hono();

  routes.post('/webhooks', async (c) => {
    const wanted = creation.safeParse(await readObject(c));
    if (!wanted.success) return invalid(c, wanted.error);
    if ((await listMailboxWebhooks(db)).length >= webhooksMax) {
      return fail(c, 422, 'validation_error', `There are ${webhooksMax} webhooks already.`);
    }
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const { id } = await insertMailboxWebhook(db, { ...wanted.data, secret });
    return c.json({ object: 'webhook', id, signing_secret: secret }, 201);
  });

  routes.get('/webhooks', async (c) => {
    const data = (await listMailboxWebhooks(db)).map(lineOf);
    return c.json({ object: 'list', has_more: false, data });
  });

  routes.get('/webhooks/:id', async (c) => {
    const webhook = (await listMailboxWebhooks(db)).find(({ id }) => id === c.req.param('id'));
    if (!webhook) return unknown(c);
    return c.json({ object: 'webhook', ...lineOf(webhook), signing_secret: webhook.secret });
  });

  routes.patch('/webhooks/:id', async (c) => {
    const id = c.req.param('id');
    const wanted = change.safeParse(await readObject(c));
    if (!wanted.success) return invalid(c, wanted.error);
    const defined = Object.fromEntries(
      Object.entries(wanted.data).filter(([, value]) => value !== undefined),
    );
    if (!uuidShape.test(id) || !(await updateMailboxWebhook(db, id, defined))) return unknown(c);
    return c.json({ object: 'webhook', id });
  });

  routes.delete('/webhooks/:id', async (c) => {
    const id = c.req.param('id');
    if (!uuidShape.test(id) || !(await deleteMailboxWebhook(db, id))) return unknown(c);
    return c.json({ object: 'webhook', id, deleted: true });
  });

  return routes;
}

function lineOf(webhook: MailboxWebhook): object {
  const { id, status } = webhook;
  return {
    id,
    endpoint: webhook.endpoint,
    events: webhook.events,
    status,
    created_at: postgresTime(webhook.createdAt),
  };
}

function invalid(c: Context, error: z.ZodError): Response {
  const field = String(error.issues[0]?.path[0] ?? 'request.body');
  return fail(c, 422, 'validation_error', `Invalid \`${field}\` field.`);
}

function unknown(c: Context): Response {
  return fail(c, 404, 'not_found', 'Webhook not found');
}
