/**
 * Track: works stored webhook events off in sets, leaves one timestamp an outcome, and suppressions.
 *
 * Events, outcomes and suppressions change in one transaction: a crash half-way leaves the events unprocessed, and they
 * are taken again. Order and repetition don't matter: a timestamp is set once, the earliest wins.
 */
import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { findMailed, type Mailed, type MailName, nameOf } from '../db/mailed.ts';
import {
  type DigestOutcome,
  type OutcomeKind,
  proveBatches,
  recordDelivered,
  recordNoticeOutcome,
  recordOutcomes,
} from '../db/outcomes.ts';
import type { Database } from '../db/schema.ts';
import { type NewSuppression, suppressAll } from '../db/suppressions.ts';
import { takeUnprocessedEvents, parkEvents, settleEvents, type StoredEvent } from '../db/webhook-events.ts';
import { addressHash } from '../domain/address.ts';
import { type BounceClass, classifyBounce } from '../domain/bounce.ts';
import { readDigestTag } from '../domain/digest.ts';
import { parseWebhook, type WebhookEvent } from '../transport/resend-webhook.ts';
import { judgeEditions } from './breakers.ts';
import { judgeSoftBounces } from './soft-bounces.ts';

/** Which events say something about a mail of ours. Every other type is stored, counted and left alone. */
const outcomeOf: Readonly<Record<string, OutcomeKind>> = {
  'email.delivered': 'delivered',
  'email.bounced': 'bounced',
  'email.complained': 'complained',
  'email.failed': 'failed',
  'email.suppressed': 'failed',
};

const eventsPerRoundMax = 1000;
/** Servers can be talkative. */
const detailCharactersMax = 300;

interface Read {
  event: WebhookEvent;
  kind: OutcomeKind;
  at: Date;
  bounceClass: BounceClass | null;
  /** The receiving server's words on a bounce. */
  detail: string | null;
}

/** One event, what it says, and the mail it says it of. A word instead where it says nothing to us. */
interface Told {
  stored: StoredEvent;
  read: Read;
  mailed: Mailed | undefined;
  /** Its outcome is written down already. */
  isRecorded: boolean;
}

/** Types that Resend has, and that change nothing here. */
const ofNoConcern =
  /^(email\.(sent|scheduled|delivery_delayed|opened|clicked|received)|(suppression|contact|domain|topic|inbox|broadcast)\..+)$/;
const typesToldMax = 20;

/** What the rounds of one call have come across. */
interface Heard {
  editions: Set<string>;
  /** Types that nobody knows yet, with their number. */
  strange: Map<string, number>;
}

/** Works off what is there. Gives the number of events, those that had to be parked included. */
export async function track(ctx: Context): Promise<number> {
  let processed = 0;
  const heard: Heard = { editions: new Set(), strange: new Map() };
  for (;;) {
    const round = await ctx.db.transaction().execute((trx) => trackRound(ctx, trx, heard));
    processed += round;
    if (round < eventsPerRoundMax || ctx.signal.aborted) break;
  }
  await judgeEditions(ctx, [...heard.editions]);
  if (heard.strange.size > 0) {
    const types = Object.fromEntries([...heard.strange].slice(0, typesToldMax));
    ctx.log.warn({ types }, 'webhook events of unknown types; they are stored');
  }
  return processed;
}

/** Adds to `heard` what is looked at when the inbox is empty: editions for their breakers, types that are new. */
async function trackRound(ctx: Context, trx: Transaction<Database>, heard: Heard): Promise<number> {
  const stored = await takeUnprocessedEvents(trx, eventsPerRoundMax);
  if (stored.length === 0) return 0;
  const read = stored.map(readEvent);
  const names = read.map((one) => (typeof one === 'string' ? {} : nameIn(one.event)));
  const delivered = await takeDelivered(trx, read, names);
  const mailed = await findMailed(
    trx,
    names.map((name, place) => (delivered[place] ? {} : name)),
  );
  const told: Told[] = [];
  const settled: (StoredEvent & { result: string })[] = [];
  const parked: { svixId: string; receivedOn: string }[] = [];
  for (const [place, one] of read.entries()) {
    const event = stored[place]!;
    const mail = delivered[place] ?? mailed[place];
    if (typeof one === 'string') {
      settled.push({ ...event, result: one });
      if (one === unknownType) heard.strange.set(event.type, (heard.strange.get(event.type) ?? 0) + 1);
    } else if (!mail && !event.isOld && isNamed(names[place]!)) {
      parked.push(event);
    } else {
      told.push({ stored: event, read: one, mailed: mail, isRecorded: delivered[place] !== undefined });
      if (mail?.kind === 'digest') heard.editions.add(mail.localDate);
      settled.push({ ...event, result: wordFor(one, mail) });
    }
  }
  await apply(ctx, trx, told);
  await settleEvents(trx, settled);
  await parkEvents(trx, parked);
  return stored.length;
}

/** The short way for what most events say: that a digest of such a tag was delivered, for the first time. */
async function takeDelivered(
  trx: Transaction<Database>,
  read: readonly (Read | string)[],
  names: readonly MailName[],
): Promise<(Mailed | undefined)[]> {
  const digests = read.map((one, place) =>
    typeof one !== 'string' && one.kind === 'delivered' ? names[place]!.digest : undefined,
  );
  const delivered = digests.flatMap((digest, place) =>
    digest ? [{ ...digest, at: (read[place] as Read).at }] : [],
  );
  const found = new Map((await recordDelivered(trx, delivered)).map((row) => [nameOf(row), row]));
  return digests.map((digest) => {
    const row = digest && found.get(nameOf(digest));
    return row && { kind: 'digest', bounceClass: null, ...row };
  });
}

/** What the events change: outcomes first, since what follows is read from them. */
async function apply(ctx: Context, trx: Transaction<Database>, told: readonly Told[]): Promise<void> {
  const digests: (DigestOutcome & { address: string; isRecorded: boolean })[] = [];
  for (const { read, mailed, isRecorded } of told) {
    const { kind, at, bounceClass, detail } = read;
    if (mailed?.kind === 'notice')
      await recordNoticeOutcome(trx, mailed.noticeId, { kind, at, bounceClass, detail });
    if (mailed?.kind !== 'digest' || mailed.address === null) continue;
    const { subscriberId, localDate, address } = mailed;
    digests.push({ subscriberId, localDate, address, kind, at, bounceClass, detail, isRecorded });
  }
  await recordOutcomes(
    trx,
    digests.filter(({ isRecorded }) => !isRecorded),
  );
  await proveBatches(trx, digests);
  const suppressions = told.flatMap((one) => suppressionFor(ctx, one) ?? []);
  await suppressAll(trx, suppressions);
  for (const { reason } of suppressions) ctx.log.info({ reason }, 'suppressed');
  await judgeSoftBounces(ctx, trx, digests);
}

/** A hard bounce or a complaint suppresses at once (RULES 17), by the address that was mailed. */
function suppressionFor(ctx: Context, { read, mailed }: Told): NewSuppression | undefined {
  const { kind, bounceClass, detail } = read;
  const reason = kind === 'complained' ? 'complaint' : bounceClass === 'hard' ? 'hard_bounce' : undefined;
  if (!reason || !mailed || mailed.address === null) return undefined;
  return {
    addressHash: addressHash(ctx.config.suppressionKey, mailed.address),
    reason,
    origin: 'webhook',
    detail: detail ?? '',
  };
}

/** The word that stays with an event. */
function wordFor({ kind, bounceClass }: Read, mailed: Mailed | undefined): string {
  if (!mailed) return 'unknown mail';
  return mailed.address === null ? 'erased' : (bounceClass ?? kind);
}

function nameIn(event: WebhookEvent): MailName {
  // Nine digits fit Postgres' integer: more would only make the look-up fail, and with it the events beside it.
  const notice = /^n-(\d{1,9})$/.exec(event.noticeTag ?? '')?.[1];
  return {
    digest: readDigestTag(event.digestTag ?? ''),
    noticeId: notice === undefined ? undefined : Number(notice),
    emailId: event.emailId,
  };
}

/** What names no mail at all will not name one later. */
function isNamed({ digest, noticeId, emailId }: MailName): boolean {
  return digest !== undefined || noticeId !== undefined || emailId !== undefined;
}

const unknownType = 'unknown type';

function readEvent(stored: StoredEvent): Read | string {
  const kind = outcomeOf[stored.type];
  if (!kind) return ofNoConcern.test(stored.type) ? 'noted' : unknownType;
  try {
    const event = parseWebhook(stored.body);
    const bounceClass =
      kind !== 'bounced' ? null : event.bounce ? classifyBounce(event.bounce) : ('soft' as const);
    const said = event.bounce?.diagnosticCodes[0] ?? event.bounce?.message;
    const detail = said?.slice(0, detailCharactersMax) ?? null;
    return { event, kind, at: event.createdAt ?? stored.receivedAt, bounceClass, detail };
  } catch {
    return 'not readable';
  }
}
