import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Resend's webhooks: signed as Svix and the Standard Webhooks specification say, parsed leniently, because documents,
 * schema and real events disagree about the details.
 */
export type Verification = { ok: true; id: string } | { ok: false; status: 400 | 401; reason: string };

export interface WebhookEvent {
  type: string;
  createdAt?: Date;
  emailId?: string;
  /** The first impacted address; our mails have one. */
  to?: string;
  /** What we tagged the mail with: see src/render. */
  digestTag?: string;
  noticeTag?: string;
  tags: Record<string, string>;
  bounce?: { type?: string; subType?: string; message?: string; diagnosticCodes: string[] };
  /** Why an `email.failed` or `email.suppressed` happened, in the provider's words. */
  reason?: string;
}

/** How far an event's clock may be from ours, either way. */
export const webhookToleranceMs = 300_000;

const idCharsMax = 256;
const signaturesMax = 20;

/**
 * Whether these very bytes were signed with one of the secrets, and lately. Must see the raw body: parsing and printing
 * again would change it. Several secrets and several signatures are tried, for rotation.
 * 400: the headers are missing or senseless; 401: the signature or its time is not acceptable.
 */
export function verifyWebhook(
  rawBody: Buffer | string,
  headers: Headers | Record<string, string | undefined>,
  secrets: readonly string[],
  nowMs: number,
): Verification {
  const id = headerOf(headers, 'id');
  const timestamp = headerOf(headers, 'timestamp');
  const signatures = headerOf(headers, 'signature');
  if (!id || !timestamp || !signatures)
    return refusal(400, 'The svix-id, svix-timestamp or svix-signature is missing.');
  if (id.length > idCharsMax) return refusal(400, 'The svix-id is too long.');
  if (!/^\d{1,12}$/.test(timestamp)) return refusal(400, 'The svix-timestamp is not a number of seconds.');
  if (Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) * 1_000 > webhookToleranceMs) {
    return refusal(401, 'The event was signed more than 5 minutes from now.');
  }

  const given = signatures
    .split(' ', signaturesMax)
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3)));
  for (const secret of secrets) {
    const expected = Buffer.from(macOf(secret, id, timestamp, rawBody));
    if (given.some((mac) => mac.length === expected.length && timingSafeEqual(mac, expected)))
      return { ok: true, id };
  }
  return refusal(401, 'No signature matches. Check the signing secret of the webhook.');
}

/** The `svix-signature` header for a body. */
export function signWebhook(secret: string, id: string, timestampS: number, body: Buffer | string): string {
  return `v1,${macOf(secret, id, String(timestampS), body)}`;
}

/**
 * What an event says, as far as it says it. Anything may be missing or of another type; only a body that is
 * no JSON object with a `type` throws, because nothing can be done with it.
 */
export function parseWebhook(body: string): WebhookEvent {
  const envelope = record(JSON.parse(body));
  const type = text(envelope['type']);
  if (!type) throw new TypeError('The event has no type.');
  const data = record(envelope['data']);
  const tags = readTags(data['tags']);
  const to = Array.isArray(data['to']) ? text(data['to'][0]) : (text(data['to']) ?? text(data['email']));
  const bounce = readBounce(data['bounce']);
  const reason = text(record(data['failed'])['reason']) ?? text(record(data['suppressed'])['message']);
  return {
    type,
    tags,
    ...defined('createdAt', date(envelope['created_at']) ?? date(data['created_at'])),
    ...defined('emailId', text(data['email_id'])),
    ...defined('to', to),
    ...defined('digestTag', tags['digest']),
    ...defined('noticeTag', tags['notice']),
    ...defined('bounce', bounce),
    ...defined('reason', reason),
  };
}

function refusal(status: 400 | 401, reason: string): Verification {
  return { ok: false, status, reason };
}

/** Svix names them `svix-…`; the specification `webhook-…`. */
function headerOf(headers: Headers | Record<string, string | undefined>, name: string): string | undefined {
  for (const key of [`svix-${name}`, `webhook-${name}`]) {
    const value = headers instanceof Headers ? headers.get(key) : headers[key];
    if (value) return value;
  }
  return undefined;
}

function macOf(secret: string, id: string, timestamp: string, body: Buffer | string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  // An empty key would let anyone sign.
  if (key.length === 0) throw new Error('A webhook secret is empty or no base64; it looks like whsec_….');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}

/** An object of names and values in webhooks, an array of pairs elsewhere. */
function readTags(tags: unknown): Record<string, string> {
  const pairs = Array.isArray(tags)
    ? tags.map((tag) => [text(record(tag)['name']), text(record(tag)['value'])])
    : Object.entries(record(tags)).map(([name, value]) => [name, text(value)]);
  return Object.fromEntries(
    pairs.filter(([name, value]) => name !== undefined && value !== undefined),
  ) as Record<string, string>;
}

function readBounce(value: unknown): WebhookEvent['bounce'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const bounce = record(value);
  const codes: unknown = bounce['diagnosticCode'] ?? bounce['diagnosticCodes'] ?? [];
  return {
    ...defined('type', text(bounce['type'])),
    ...defined('subType', text(bounce['subType'])),
    ...defined('message', text(bounce['message'])),
    diagnosticCodes: (Array.isArray(codes) ? codes : [codes]).flatMap((code) => text(code) ?? []),
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Without NUL, which no column can hold: one such event would hold up all others. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.replaceAll('\0', '') || undefined : undefined;
}

function date(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const parsed = new Date(value);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

/** A property only when it has a value: absent and undefined are different things here. */
function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
