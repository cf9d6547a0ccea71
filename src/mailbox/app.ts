import { createHash, timingSafeEqual } from 'node:crypto';

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Kysely } from 'kysely';

import { holdMailboxKey, pruneMailboxKeys, readMailboxKey, saveMailboxKey } from '../db/mailbox-keys.ts';
import { insertMailboxMessages, pruneMailboxMessages, readMailboxMessage } from '../db/mailbox-messages.ts';
import type { Database } from '../db/schema.ts';
import type { MailboxEvents } from './events.ts';
import { acceptBody, type Acceptance, failure } from './acceptance.ts';
import { outcomeOfAddress } from './outcome.ts';
import { openRateWindow } from './rate-window.ts';

/**
 * Resend's API for one machine. It never ships mail: what it takes is kept in Postgres and shown under /mailbox.
 *
 * A crash between a request and its answer leaves both the mails and the key, or neither: one transaction writes them,
 * so a replay under the key gets the same ids and nothing is there twice.
 */
export interface MailboxApiOptions {
  db: Kysely<Database>;
  /** Reports what becomes of mails to the test addresses. */
  events: MailboxEvents;
  /** When given, the only key that is let in. */
  apiKey?: string;
  requestsPerSecond?: number;
  refuseExampleDomains?: boolean;
  /** The clock that keys grow old by. */
  now?(): Date;
  log?: { error(details: object, message: string): void };
}

const bodyBytesMax = 40 * 1024 * 1024;
const keyCharsMax = 256;
const keyKeptMs = 24 * 3_600_000;
const pruneKeysEveryMs = 600_000;
const defaultRequestsPerSecond = 100;

const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function mailboxApi(options: MailboxApiOptions): Hono {
  const api = new Hono();
  const pruneKeys = prunerOfKeys(options);
  const takeSlot = openRateWindow(options.requestsPerSecond ?? defaultRequestsPerSecond);

  api.use(async (c, next) => {
    const refusal = refuseCaller(c, options.apiKey) ?? takeSlot(c);
    if (refusal) return refusal;
    return next();
  });
  api.use(
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: (c) => fail(c, 413, 'payload_too_large', 'The request is too large.'),
    }),
  );
  api.use(async (_c, next) => {
    await next();
    pruneKeys();
  });
  api.post('/emails', (c) => submit(c, options, 'single'));
  api.post('/emails/batch', (c) => submit(c, options, 'batch'));
  api.get('/emails/:id', (c) => show(c, options.db));
  for (const path of ['/emails', '/emails/batch', '/emails/:id']) {
    api.all(path, (c) => fail(c, 405, 'method_not_allowed', 'Method is not allowed for the requested path.'));
  }
  api.notFound((c) => fail(c, 404, 'not_found', 'The requested endpoint does not exist.'));
  api.onError((error, c) => {
    // The stand-in's own trouble, such as a lost database, is what a 500 of Resend is: ask again under the same key.
    options.log?.error({ err: error, path: c.req.path }, 'The mailbox could not take a request.');
    return fail(c, 500, 'internal_server_error', 'Something went wrong.');
  });
  return api;
}

/** Cloudflare's answer without a User-Agent is no JSON, on the real thing too. */
function refuseCaller(c: Context, apiKey: string | undefined): Response | undefined {
  if (!c.req.header('user-agent')) return c.text('error code: 1010', 403);
  const given = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (given === undefined)
    return fail(c, 401, 'missing_api_key', 'Missing API key in the authorization header.');
  if (apiKey !== undefined && !timingSafeEqual(sha256(given), sha256(apiKey))) {
    return fail(c, 401, 'invalid_api_key', 'API key is invalid.');
  }
  return undefined;
}

/** Old keys go now and then, beside the requests. */
function prunerOfKeys(options: MailboxApiOptions): () => void {
  let prunedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - prunedAtMs < pruneKeysEveryMs) return;
    prunedAtMs = performance.now();
    const now = options.now?.() ?? new Date();
    // What fails here is tried again next time; the request is answered.
    void pruneMailboxKeys(options.db, new Date(now.getTime() - keyKeptMs)).catch(() => {});
  };
}

async function submit(c: Context, options: MailboxApiOptions, kind: 'single' | 'batch'): Promise<Response> {
  const key = c.req.header('idempotency-key');
  if (key !== undefined && (key === '' || key.length > keyCharsMax)) {
    const words = `Idempotency keys, if present, must have between 1 and ${keyCharsMax} characters.`;
    return fail(c, 400, 'invalid_idempotency_key', words);
  }
  const body = Buffer.from(await c.req.arrayBuffer());
  const rules = {
    kind,
    isPermissive: c.req.header('x-batch-validation') === 'permissive',
    refuseExampleDomains: options.refuseExampleDomains ?? false,
  };
  const now = options.now?.() ?? new Date();

  const { status, answer, created } = await options.db.transaction().execute(async (trx) => {
    if (key !== undefined) {
      if (!(await holdMailboxKey(trx, c.req.path, key))) return concurrent;
      const kept = await readMailboxKey(trx, c.req.path, key, new Date(now.getTime() - keyKeptMs));
      if (kept) return kept.bodySha256.equals(sha256(body)) ? { ...kept, created: [] } : changed;
    }
    const taken = acceptBody(body, rules);
    if (taken.status === 200) {
      await insertMailboxMessages(trx, taken.created, now);
      await pruneMailboxMessages(trx);
      if (key !== undefined) {
        const kept = { status: taken.status, answer: taken.answer, bodySha256: sha256(body) };
        await saveMailboxKey(trx, c.req.path, key, kept, now);
      }
    }
    return taken;
  });

  reportTestAddresses(options.events, created, now);
  return c.body(answer, status as ContentfulStatusCode, { 'content-type': 'application/json' });
}

const concurrent = failure(
  409,
  'concurrent_idempotent_requests',
  'There is another request in progress with the same idempotency key.',
);
const changed = failure(
  409,
  'invalid_idempotent_request',
  'This idempotency key has been used with this HTTP method and endpoint within the last 24 hours, ' +
    "but the request body was modified and doesn't match the original request.",
);

/** Outcomes of test addresses come after the answer, as from the real thing. */
function reportTestAddresses(events: MailboxEvents, created: Acceptance['created'], at: Date): void {
  for (const message of created) {
    const outcome = outcomeOfAddress(message.to);
    if (outcome) void events.report({ ...message, at }, outcome).catch(() => {});
  }
}

async function show(c: Context, db: Kysely<Database>): Promise<Response> {
  const id = c.req.param('id') ?? '';
  if (!uuidShape.test(id)) return fail(c, 422, 'validation_error', 'The `id` must be a valid UUID.');
  const message = await readMailboxMessage(db, id);
  if (!message) return fail(c, 404, 'not_found', 'Email not found');
  return c.json({
    object: 'email',
    id: message.id,
    message_id: `<${message.id}@mailbox.invalid>`,
    to: message.to.split(', '),
    from: message.from,
    created_at: message.at.toISOString().replace('T', ' ').replace('Z', '+00'),
    subject: message.subject,
    html: message.html || null,
    text: message.text || null,
    bcc: [],
    cc: [],
    reply_to: message.headers['Reply-To']?.split(', ') ?? [],
    last_event: message.lastEvent,
    scheduled_at: null,
    tags: Object.entries(message.tags).map(([name, value]) => ({ name, value })),
  });
}

function sha256(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function fail(c: Context, status: ContentfulStatusCode, name: string, message: string): Response {
  return c.json({ statusCode: status, name, message }, status);
}
