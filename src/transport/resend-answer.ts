import type { Limits, Receipt, Submission } from './transport.ts';

/** What the SDK's `fetchRequest` resolves to; it never throws. Everything in it came over the wire: trust no type. */
export interface Answer {
  data: unknown;
  error: unknown;
  headers: Record<string, string> | null;
}

export interface Asked extends Pick<Submission, 'kind' | 'members'> {
  /** The code of a lost answer when nothing came back: `timeout`, `stopping` or `no_answer`. */
  silence: string;
  now: Date;
}

const retryMs = { default: 1_000, min: 100, max: 60_000 } as const;
const reasonCharsMax = 300;
/** Visible ASCII; the provider's ids are UUIDs, but other servers that speak its API have others. */
const idShape = /^[\x21-\x7e]{1,128}$/;

/**
 * The receipt for one answer. The HTTP status decides; the error's name only tells apart the three kinds of 429 and
 * the kinds of 409, and an unknown name falls to the kind that can neither double nor lose.
 */
export function readReceipt(answer: Answer, asked: Asked): Receipt {
  const limits = readLimits(answer.headers);
  if (!answer.error) return readAcceptance(answer.data, asked, limits);
  const { status, name, message } = readError(answer.error);
  const reason = message || `The answer was HTTP ${status ?? 'nothing readable'}.`;
  const headers = answer.headers ?? {};
  switch (status) {
    case 400:
    case 413:
    case 422:
      return { outcome: 'refused', code: name, reason, limits };
    case 409:
      return readConflict(name, reason, headers, asked.now, limits);
    case 423:
    case 425:
      return { outcome: 'wait', code: name, retryAfterMs: retryAfter(headers, asked.now), limits };
    case 429:
      return readTooMany(name, headers, asked.now, limits);
    // An intermediary may give up (408), or send us elsewhere (421), after it has passed the request on.
    case 408:
    case 421:
      return { outcome: 'lost', code: name, reason, limits };
    case undefined: {
      // No headers at all: no answer, or one whose JSON could not be read. The SDK does not tell them apart.
      const code = answer.headers ? 'unreadable_error' : asked.silence;
      return { outcome: 'lost', code, reason: lostReasons[code] ?? reason, limits };
    }
    default:
      if (status < 400 || status >= 500) return { outcome: 'lost', code: name, reason, limits };
      // 401 and 403 are about the account; 404 and 405 about the base URL; the rest nobody has seen. None of them is
      // about these mails, so failing the mails would be wrong, and asking again without the operator pointless.
      return { outcome: 'halt', code: name, reason, limits };
  }
}

const lostReasons: Record<string, string> = {
  timeout: 'No answer came in time.',
  stopping: 'This process stopped before the answer came.',
  no_answer: 'The connection broke, or the answer was not JSON.',
  unreadable_error: 'The answer was an error without a status.',
};

/** 2xx with JSON. It counts only if it accounts for every member; otherwise nobody knows who was accepted. */
function readAcceptance(data: unknown, asked: Asked, limits: Limits): Receipt {
  if (asked.kind === 'single') {
    const id = readId(data);
    return id === undefined
      ? mismatch('It has no id.', limits)
      : { outcome: 'accepted', ids: [id], refused: [], limits };
  }
  const created = isRecord(data) ? data['data'] : undefined;
  const errors = isRecord(data) ? (data['errors'] ?? []) : undefined;
  if (!Array.isArray(created) || !Array.isArray(errors)) return mismatch('It has no list of ids.', limits);

  const refused: { index: number; reason: string }[] = [];
  const refusedAt = new Set<number>();
  for (const error of errors as unknown[]) {
    const index = isRecord(error) ? error['index'] : undefined;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= asked.members) {
      return mismatch('An error names no member.', limits);
    }
    if (refusedAt.has(index)) return mismatch(`Member ${index} is refused twice.`, limits);
    refusedAt.add(index);
    refused.push({
      index,
      reason: tidy((error as Record<string, unknown>)['message']) || 'Refused without a reason.',
    });
  }
  if (created.length + refused.length !== asked.members) {
    const counts = `${created.length} ids and ${refused.length} errors for ${asked.members} mails`;
    return mismatch(`It does not add up: ${counts}.`, limits);
  }

  // Ids come in the order of the request, without the refused members.
  const given = (created as unknown[]).map(readId);
  if (given.includes(undefined)) return mismatch('An id is missing.', limits);
  let next = 0;
  const ids = Array.from({ length: asked.members }, (_, index) =>
    refusedAt.has(index) ? null : given[next++]!,
  );
  return { outcome: 'accepted', ids, refused: refused.toSorted((a, b) => a.index - b.index), limits };
}

function mismatch(what: string, limits: Limits): Receipt {
  return {
    outcome: 'lost',
    code: 'answer_mismatch',
    reason: `The answer was a success that proves nothing. ${what}`,
    limits,
  };
}

function readId(entry: unknown): string | undefined {
  const id = isRecord(entry) ? entry['id'] : undefined;
  return typeof id === 'string' && idShape.test(id) ? id : undefined;
}

function readConflict(
  name: string,
  reason: string,
  headers: Record<string, string>,
  now: Date,
  limits: Limits,
): Receipt {
  if (name === 'invalid_idempotent_request') return { outcome: 'conflict', code: name, reason, limits };
  const retryAfterMs = retryAfter(headers, now);
  if (name === 'resource_locked') return { outcome: 'wait', code: name, retryAfterMs, limits };
  // An unknown 409 may also mean a request under this key that is still running.
  return { outcome: 'busy', code: name, retryAfterMs, limits };
}

function readTooMany(name: string, headers: Record<string, string>, now: Date, limits: Limits): Receipt {
  const today = serverDate(headers, now);
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()];
  if (name === 'daily_quota_exceeded') {
    return { outcome: 'parked', code: name, until: new Date(Date.UTC(year, month, day + 1)), limits };
  }
  if (name === 'monthly_quota_exceeded') {
    return { outcome: 'parked', code: name, until: new Date(Date.UTC(year, month + 1, 1)), limits };
  }
  return { outcome: 'wait', code: name, retryAfterMs: retryAfter(headers, now), limits };
}

/** Quotas reset by the provider's calendar, so its clock counts, unless it is a day or more from ours. */
function serverDate(headers: Record<string, string>, now: Date): Date {
  const date = new Date(headers['date'] ?? Number.NaN);
  return Math.abs(date.getTime() - now.getTime()) < 86_400_000 ? date : now;
}

/** Milliseconds to wait: `Retry-After` (seconds or a date, RFC 9110 10.2.3), else the limit's reset. */
function retryAfter(headers: Record<string, string>, now: Date): number {
  const asked = headers['retry-after'] ?? headers['ratelimit-reset'];
  if (asked === undefined) return retryMs.default;
  const seconds = asked.trim() === '' ? Number.NaN : Number(asked);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : new Date(asked).getTime() - now.getTime();
  if (Number.isNaN(waitMs)) return retryMs.default;
  return Math.min(retryMs.max, Math.max(retryMs.min, Math.ceil(waitMs)));
}

/** `ratelimit-policy: 10;w=1` (or the later draft's `"name";q=10;w=1`) over `ratelimit-limit: 10`, which is per second. */
function readLimits(headers: Record<string, string> | null): Limits {
  const policy = headers?.['ratelimit-policy'] ?? '';
  const limit = Number(
    /(?:^|;\s*q=)\s*(\d{1,9})\b/.exec(policy)?.[1] ?? headers?.['ratelimit-limit'] ?? Number.NaN,
  );
  const windowSeconds = Number(/;\s*w=(\d{1,9})\b/.exec(policy)?.[1] ?? 1);
  const perSecond = limit / windowSeconds;
  return Number.isFinite(perSecond) && perSecond > 0 ? { perSecond } : {};
}

interface ProviderError {
  status: number | undefined;
  name: string;
  message: string;
}

/**
 * The SDK hands over the body of an error when it is JSON, and the HTTP status only when it is not. Resend repeats the
 * status in each of its bodies; JSON without one comes from something in between, and proves nothing.
 */
function readError(error: unknown): ProviderError {
  const body = isRecord(error) ? error : {};
  const status = body['statusCode'];
  const name = typeof body['name'] === 'string' ? tidy(body['name']) : '';
  const known = typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599;
  return {
    status: known ? status : statusOfName.get(name),
    name: name || (known ? `http_${status}` : 'unreadable_error'),
    message: tidy(body['message']),
  };
}

/** The names that belong to one status only (resend.md 1.6), for a body that leaves its status out. */
const statusOfName: ReadonlyMap<string, number> = new Map([
  ['rate_limit_exceeded', 429],
  ['daily_quota_exceeded', 429],
  ['monthly_quota_exceeded', 429],
  ['concurrent_idempotent_requests', 409],
  ['invalid_idempotent_request', 409],
  ['resource_locked', 409],
  ['missing_api_key', 401],
  ['invalid_api_key', 403],
  ['suspended_api_key', 403],
]);

/** Provider text goes to rows and pages: one line, bounded, without control characters. */
function tidy(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, reasonCharsMax);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
