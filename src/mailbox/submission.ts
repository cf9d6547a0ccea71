import { createHash } from 'node:crypto';

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Kysely, Transaction } from 'kysely';

import { holdMailboxKey, readMailboxKey, saveMailboxKey } from '../db/mailbox-keys.ts';
import { insertMailboxMessages, pruneMailboxMessages } from '../db/mailbox-messages.ts';
import { findMailboxSuppressed } from '../db/mailbox-suppressions.ts';
import type { Database } from '../db/schema.ts';
import { acceptBody, type Acceptance, type AcceptedMail, failure } from './acceptance.ts';
import { bareAddress } from './address.ts';
import { fail } from './answer.ts';
import type { MailboxEvents } from './events.ts';
import type { Drawn } from './faults.ts';
import { type Outcome, outcomeOfAddress } from './outcome.ts';
import { refuseOverQuota, type QuotaOptions } from './quota.ts';

export interface SubmissionOptions extends QuotaOptions {
  db: Kysely<Database>;
  events: MailboxEvents;
  refuseExampleDomains?: boolean;
  /** What becomes of a mail, by its address in lower case; `*` is everybody else. Test addresses have their own. */
  outcomes?: Readonly<Record<string, Outcome>>;
  /** The clock that keys grow old by. */
  now?(): Date;
}

const keyCharsMax = 256;
export const keyKeptMs = 24 * 3_600_000;

/**
 * Takes a request's mails. A crash between the request and its answer leaves both the mails and the key, or neither: one
 * transaction writes them, so a replay under the key gets the same ids and nothing is there twice.
 */
export async function submit(
  c: Context,
  options: SubmissionOptions,
  kind: 'single' | 'batch',
  fault: Drawn,
): Promise<Response> {
  const key = c.req.header('idempotency-key');
  if (key !== undefined && (key === '' || key.length > keyCharsMax)) {
    const words = `Idempotency keys, if present, must have between 1 and ${keyCharsMax} characters.`;
    return fail(c, 400, 'invalid_idempotency_key', words);
  }
  const body = Buffer.from(await c.req.arrayBuffer());
  const now = options.now?.() ?? new Date();
  let suppressed: ReadonlySet<string> = new Set();
  const take = async (trx: Transaction<Database>) => {
    await fault.during();
    const rules = {
      kind,
      isPermissive: c.req.header('x-batch-validation') === 'permissive',
      refuseExampleDomains: options.refuseExampleDomains ?? false,
      now,
    };
    const taken = acceptBody(body, rules);
    if (taken.status !== 200) return taken;
    const refused = await refuseOverQuota(c, trx, options, taken.created, now);
    if (refused) return refused;
    suppressed = await findSuppressed(trx, taken.created);
    await insertMailboxMessages(trx, taken.created, now);
    await pruneMailboxMessages(trx);
    return taken;
  };
  const { status, answer, created } = await options.db
    .transaction()
    .execute((trx) =>
      key === undefined ? take(trx) : underKey(trx, { path: c.req.path, key, body, now }, take),
    );
  reportOutcomes(options, created, suppressed, now);
  return c.body(answer, status as ContentfulStatusCode, { 'content-type': 'application/json' });
}

interface KeyedRequest {
  path: string;
  key: string;
  body: Buffer;
  now: Date;
}

/** The answer that the key has, or the one that `take` gives it. What was refused leaves no trace under the key. */
async function underKey(
  trx: Transaction<Database>,
  { path, key, body, now }: KeyedRequest,
  take: (trx: Transaction<Database>) => Promise<Acceptance>,
): Promise<Acceptance> {
  if (!(await holdMailboxKey(trx, path, key))) return concurrent;
  const bodySha256 = createHash('sha256').update(body).digest();
  const kept = await readMailboxKey(trx, path, key, new Date(now.getTime() - keyKeptMs));
  if (kept) return kept.bodySha256.equals(bodySha256) ? { ...kept, created: [] } : changed;
  const taken = await take(trx);
  if (taken.status === 200) {
    const { status, answer } = taken;
    await saveMailboxKey(trx, path, key, { status, answer, bodySha256 }, now);
  }
  return taken;
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

/** Who of these is on the account's list: they are accepted, and get nothing. */
async function findSuppressed(db: Kysely<Database>, mails: readonly AcceptedMail[]): Promise<Set<string>> {
  const everybody = mails.flatMap(({ recipients }) => recipients.map(bareAddress));
  return new Set((await findMailboxSuppressed(db, everybody)).keys());
}

/** Outcomes come after the answer, as from the real thing. Scheduled mails have none until they leave. */
function reportOutcomes(
  { events, outcomes = {} }: SubmissionOptions,
  mails: readonly AcceptedMail[],
  suppressed: ReadonlySet<string>,
  at: Date,
): void {
  for (const mail of mails) {
    if (mail.scheduledAt) continue;
    const addresses = mail.recipients.map(bareAddress);
    const first = addresses[0] ?? '';
    const outcome = addresses.every((address) => suppressed.has(address))
      ? 'suppressed'
      : (outcomeOfAddress(first) ?? outcomes[first] ?? outcomes['*']);
    if (outcome) void events.report({ ...mail, at }, outcome).catch(() => {});
  }
}
