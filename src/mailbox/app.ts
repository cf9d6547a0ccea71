import { createHash, timingSafeEqual } from 'node:crypto';

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import { pruneMailboxKeys } from '../db/mailbox-keys.ts';
import { fail } from './answer.ts';
import { emailRoutes } from './emails.ts';
import { faultControl } from './fault-control.ts';
import { type FaultScript, openFaults } from './faults.ts';
import { openRateWindow } from './rate-window.ts';
import { keyKeptMs, submit, type SubmissionOptions } from './submission.ts';
import { suppressionRoutes } from './suppressions.ts';
import { webhookRoutes } from './webhooks.ts';

/** Resend's API for one machine. It never ships mail: what it takes is kept in Postgres and shown under /mailbox. */
export interface MailboxApiOptions extends SubmissionOptions {
  /** When given, the only key that is let in. */
  apiKey?: string;
  requestsPerSecond?: number;
  /** What is to go wrong, for tests and chaos. */
  faults?: FaultScript;
  /** Whether `/_faults` lets a test on this machine change what goes wrong. */
  faultControl?: boolean;
  log?: { error(details: object, message: string): void };
}

const bodyBytesMax = 40 * 1024 * 1024;
const pruneKeysEveryMs = 600_000;
const defaultRequestsPerSecond = 100;

/** Every path that Resend has and we stand in for: a wrong method on it is a 405, on any other path a 404. */
const paths = [
  '/emails',
  '/emails/batch',
  '/emails/:id',
  '/emails/:id/cancel',
  '/suppressions',
  '/suppressions/batch/add',
  '/suppressions/batch/remove',
  '/suppressions/:name',
  '/webhooks',
  '/webhooks/:id',
];

export function mailboxApi(options: MailboxApiOptions): Hono {
  const api = new Hono();
  const faults = openFaults(options.faults);
  const pruneKeys = prunerOfKeys(options);
  const takeSlot = openRateWindow(options.requestsPerSecond ?? defaultRequestsPerSecond);

  if (options.faultControl) api.route('/', faultControl(faults));
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
  for (const [path, kind] of [
    ['/emails', 'single'],
    ['/emails/batch', 'batch'],
  ] as const) {
    api.post(path, async (c) => {
      const fault = faults.draw(path);
      const instead = await fault.before(c);
      if (instead) return instead;
      const answer = await submit(c, options, kind, fault);
      return (await fault.after(c)) ?? answer;
    });
  }
  api.route(
    '/',
    emailRoutes(options.db, () => options.now?.() ?? new Date()),
  );
  api.route('/', suppressionRoutes(options.db, options.events));
  api.route('/', webhookRoutes(options.db));
  for (const path of paths) {
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

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
