/**
 * Track: works stored webhook events off in sets, leaves one timestamp an outcome, and suppressions.
 *
 * Events, outcomes and suppressions change in one transaction: a crash half-way leaves the events unprocessed, and they
 * are taken again. Order and repetition don't matter: a timestamp is set once, the earliest wins.
 */
import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import {
  type DigestOutcome,
  findByReceipt,
  findMailed,
  type OutcomeKind,
  recordNoticeOutcome,
  recordOutcomes,
} from '../db/outcomes.ts';
import type { Database } from '../db/schema.ts';
import { suppress } from '../db/suppressions.ts';
import { lockUnprocessedEvents, settleEvents, type StoredEvent } from '../db/webhook-events.ts';
import { addressHash } from '../domain/address.ts';
import { type BounceClass, classifyBounce } from '../domain/bounce.ts';
import { readDigestTag } from '../domain/digest.ts';
import { parseWebhook, type WebhookEvent } from '../transport/resend-webhook.ts';

/** Which events say something about a mail of ours. Every other type is stored, counted and left alone. */
const outcomeOf: Readonly<Record<string, OutcomeKind>> = {
  'email.delivered': 'delivered',
  'email.bounced': 'bounced',
  'email.complained': 'complained',
  'email.failed': 'failed',
  'email.suppressed': 'failed',
};

const eventsPerRoundMax = 500;

interface Read {
  stored: StoredEvent;
  event: WebhookEvent;
  kind: OutcomeKind;
  at: Date;
  bounceClass: BounceClass | null;
}

export async function track(ctx: Context): Promise<number> {
  let processed = 0;
  for (;;) {
    const round = await ctx.db.transaction().execute((trx) => trackRound(ctx, trx));
    processed += round;
    if (round < eventsPerRoundMax) return processed;
  }
}

async function trackRound(ctx: Context, trx: Transaction<Database>): Promise<number> {
  const stored = await lockUnprocessedEvents(trx, eventsPerRoundMax);
  if (stored.length === 0) return 0;
  const read = stored.map(readEvent);
  const ours = read.filter((one): one is Read => typeof one !== 'string');
  const names = ours.map(({ event }) => event.digestTag && readDigestTag(event.digestTag)).filter(isName);
  const mailed = await findMailed(trx, names);
  const outcomes: DigestOutcome[] = [];
  const settled = [];
  for (const [place, one] of read.entries()) {
    const { svixId, receivedOn } = stored[place]!;
    const result = typeof one === 'string' ? one : await settleOne(ctx, trx, one, mailed, outcomes);
    settled.push({ svixId, receivedOn, result });
  }
  await recordOutcomes(trx, outcomes);
  await settleEvents(trx, settled);
  return stored.length;
}

/** Applies one event to what it is about and gives a word on what came of it. */
async function settleOne(
  ctx: Context,
  trx: Transaction<Database>,
  read: Read,
  mailed: ReadonlyMap<string, { subscriberId: number; localDate: string; address: string }>,
  outcomes: DigestOutcome[],
): Promise<string> {
  const { event, kind, at, bounceClass } = read;
  // Nine digits fit Postgres' integer: more would only make the look-up fail, and with it the events beside it.
  const noticeId = /^n-(\d{1,9})$/.exec(event.noticeTag ?? '')?.[1];
  if (noticeId) {
    const notice = await recordNoticeOutcome(trx, Number(noticeId), { kind, at, bounceClass });
    if (!notice) return 'unknown notice';
    await suppressFor(ctx, trx, notice.address, read);
    return bounceClass ?? kind;
  }
  const name = readDigestTag(event.digestTag ?? '');
  const digest =
    (name && mailed.get(`${name.subscriberId} ${name.localDate}`)) ??
    (event.emailId ? await findByReceipt(trx, event.emailId) : undefined);
  if (!digest) return 'unknown mail';
  outcomes.push({ subscriberId: digest.subscriberId, localDate: digest.localDate, kind, at, bounceClass });
  await suppressFor(ctx, trx, digest.address, read);
  return bounceClass ?? kind;
}

/** A hard bounce or a complaint suppresses at once (RULES 17), by the address that was mailed. */
async function suppressFor(
  ctx: Context,
  trx: Transaction<Database>,
  address: string,
  { kind, bounceClass, event }: Read,
): Promise<void> {
  const reason = kind === 'complained' ? 'complaint' : bounceClass === 'hard' ? 'hard_bounce' : undefined;
  if (!reason) return;
  await suppress(trx, {
    addressHash: addressHash(ctx.config.suppressionKey, address),
    reason,
    origin: 'webhook',
    detail: event.bounce?.diagnosticCodes[0]?.slice(0, 300) ?? event.bounce?.message?.slice(0, 300) ?? '',
  });
  ctx.log.info({ reason }, 'suppressed');
}

function readEvent(stored: StoredEvent): Read | string {
  const kind = outcomeOf[stored.type];
  if (!kind) return 'noted';
  try {
    const event = parseWebhook(stored.body);
    const bounceClass =
      kind !== 'bounced' ? null : event.bounce ? classifyBounce(event.bounce) : ('soft' as const);
    return { stored, event, kind, at: event.createdAt ?? stored.receivedAt, bounceClass };
  } catch {
    return 'not readable';
  }
}

function isName<T>(value: T | '' | undefined): value is T {
  return Boolean(value);
}
