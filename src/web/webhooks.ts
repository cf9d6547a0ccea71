import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { storeWebhookEvent } from '../db/webhook-events.ts';
import { parseWebhook, verifyWebhook } from '../transport/resend-webhook.ts';

/** Resend's events are a few kilobytes. */
export const webhookBytesMax = 256 * 1024;
const nudgeWithinMs = 1_000;

/**
 * What Resend reports: verified on the raw body, stored under its id, and no more. A crash after the row is stored loses
 * only the nudge, which the scheduler repeats; before it Resend gets no 200 and asks again.
 */
export function webhookRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.post('/webhooks/resend', async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer());
    const { headers } = c.req.raw;
    const verified = verifyWebhook(body, headers, ctx.config.webhookSecrets, Date.now());
    if (!verified.ok) return c.json({ error: verified.reason }, verified.status);
    const text = body.toString('utf8').replaceAll('\0', '');
    const type = typeOf(text);
    if (type === undefined) return c.json({ error: 'The body is no JSON object with a type.' }, 400);
    const isNew = await storeWebhookEvent(ctx.db, { svixId: verified.id, type, body: text });
    if (isNew) await nudge(ctx);
    return c.json({});
  });
  return routes;
}

function typeOf(text: string): string | undefined {
  try {
    return parseWebhook(text).type;
  } catch {
    return undefined;
  }
}

/** The row is there; a queue that is away or slow must not make Resend ask again. */
async function nudge(ctx: Context): Promise<void> {
  const late = new AbortController();
  const nudged = ctx.queues
    .add('track', {})
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'track was not nudged; the scheduler will'));
  await Promise.race([nudged, pause(nudgeWithinMs, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}
