/**
 * Notices: every mail that is no digest. One row for each subscriber, kind and cause, so a cause never mails twice.
 * They take the same hand-over as batches, ahead of them, and die as safely: frozen bytes, one key, replays. An
 * announcement's go up to a hundred in a request, as digests do; what somebody waits for goes alone.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import {
  claimNotices,
  findTogether,
  freezeNotices,
  keepFirstDigest,
  markNoticesUncertain,
  releaseNotices,
} from '../db/notice-hand-over.ts';
import { countRecentNotices, insertNotice, type NewNotice } from '../db/notices.ts';
import { readSubscribers } from '../db/readers.ts';
import { batchMembersMax } from '../domain/digest.ts';
import { Permanent, Retryable } from '../queue/errors.ts';
import { type FrozenRequest, handOver, inHand, isGateOpen } from './hand-over.ts';
import { type Claim, claimOf, holdBackAll, keepMailable, readLeavers } from './notice-claim.ts';
import { makeNotice, readNews } from './notice-mail.ts';
import { settleAsUnknown, settleRequest, thaw } from './notice-settlement.ts';

const diedOnTheWay = 'the process died while the mail server had it';

/** Confirmations an hour for the whole installation (RULES 15): a flood of forms must not become a flood of mail. */
export const confirmationsPerHourMax = 500;
const marginMs = 50;
const otherTransportMs = 60_000;
const failedMs = 1000;
/** The keys of requests that carry several; the other kind names its one notice. */
const severalPrefix = 'notices/';

/** Writes a notice down and nudges its delivery. Nothing happens when its cause has one already, or the cap is reached. */
export async function sendNotice(ctx: Context, notice: NewNotice): Promise<boolean> {
  if (
    notice.kind !== 'welcome' &&
    (await countRecentNotices(ctx.db, notice.kind)) >= confirmationsPerHourMax
  ) {
    ctx.log.warn({ kind: notice.kind }, 'the hourly cap of notices is reached; none is sent');
    return false;
  }
  const noticeId = await insertNotice(ctx.db, notice);
  if (noticeId === undefined) return false;
  await ctx.queues.add('deliver', { noticeId });
  return true;
}

/** How many notices of an announcement go into one request: over SMTP each is a mail of its own. */
export function noticesPerRequest({ transport }: Pick<Context, 'transport'>): number {
  return transport.isKeyless ? 1 : batchMembersMax;
}

/** Delivers a notice, and with one of an announcement those that may go in the same request. */
export async function deliverNotice(ctx: Context, noticeId: number): Promise<void> {
  const found = await findTogether(ctx.db, noticeId, noticesPerRequest(ctx));
  const names = new Map(found.map((id) => [`notice ${id}`, id]));
  await inHand(ctx, [...names.keys()], async (lease, free) => {
    if (!(await isGateOpen(ctx))) return;
    const ids = free.map((name) => names.get(name)!);
    const claim = { ids, lease, notices: await claimNotices(ctx.db, { ids, lease }) };
    const ours = await alike(ctx, claim);
    if (ours.notices.length > 0) await deliverClaimed(ctx, ours);
  });
}

/** Those of a claim that are still in one state, under one key, and whole if they were frozen together. The others go back. */
async function alike(ctx: Context, { ids, notices, lease }: Claim): Promise<Claim> {
  const [first] = notices;
  const same = notices.filter(
    ({ state, key }) => state === first!.state && (state === 'composed' || key === first!.key),
  );
  const isWhole = first?.state === 'composed' || same.length === ids.length;
  const kept = isWhole ? same : [];
  const others = notices.filter((notice) => !kept.includes(notice)).map(({ id }) => id);
  if (others.length > 0) await releaseNotices(ctx.db, { ids: others, lease }, { afterMs: 0 });
  return claimOf(lease, kept);
}

/** Hands over what is claimed. What was refused as a whole comes back here by halves. */
async function deliverClaimed(ctx: Context, claim: Claim): Promise<void> {
  try {
    const ready =
      claim.notices[0]!.state === 'composed' ? await freeze(ctx, claim) : await recall(ctx, claim);
    if (!ready) return;
    const halves = await settleRequest(ctx, ready.claim, await handOver(ctx, ready.request));
    for (const half of halves) await deliverClaimed(ctx, half);
  } catch (error) {
    // Whatever of it is still ours goes back: after a wait all of it, or the half that did not get its turn.
    const afterMs = error instanceof Retryable ? 0 : failedMs;
    await releaseNotices(ctx.db, claim, { afterMs }).catch(() => {});
    throw error;
  }
}

interface Ready {
  claim: Claim;
  request: FrozenRequest;
}

/** The one transaction before the first attempt, without those who left meanwhile (RULES 9). */
async function freeze(ctx: Context, composed: Claim): Promise<Ready | undefined> {
  const readers = await readSubscribers(
    ctx.db,
    composed.notices.map(({ subscriberId }) => subscriberId),
  );
  const claim = await keepMailable(ctx, composed, readers);
  const [first] = claim.notices;
  if (!first) return undefined;
  const news = await readNews(ctx, first);
  const mails: Awaited<ReturnType<typeof makeNotice>>[] = [];
  for (const notice of claim.notices)
    mails.push(await makeNotice(ctx, notice, readers.get(notice.subscriberId)!, news));
  const isSeveral = first.kind === 'announcement' && !ctx.transport.isKeyless;
  const key = `${isSeveral ? severalPrefix : 'notice/'}${first.id}/${randomUUID()}`;
  const bodies = mails.map(({ body }) => body);
  const body = requestOf(key, bodies);
  const { identity: transport, isKeyless = false } = ctx.transport;
  await ctx.db.transaction().execute(async (trx) => {
    const freezing = { key, bodies, bodySha256: sha256(body), transport, uncertain: !isKeyless };
    if (!(await freezeNotices(trx, claim, freezing)))
      throw new Retryable(`Notice ${first.id} is made anew: a reader beside it was erased.`, marginMs);
    const { made } = mails[0]!;
    if (made) await keepFirstDigest(trx, first.id, made);
  });
  const attempted = { firstAttemptAt: first.now, uncertain: false, lost: 0, someoneLeft: false };
  return { claim, request: { ...sharedOf(ctx, claim, key), body, ...attempted } };
}

/** The same bytes again, from the rows; made anew where nothing of them was attempted and somebody must be left out. */
async function recall(ctx: Context, claim: Claim): Promise<Ready | undefined> {
  const { id, key, bodySha256, transport, firstAttemptAt, uncertainAt, attempts } = claim.notices[0]!;
  const uncertain = uncertainAt !== null;
  const isForeign = transport !== ctx.transport.identity;
  const left = await readLeavers(ctx, claim);
  if (!uncertain && (isForeign || left.size > 0)) return freeze(ctx, await thaw(ctx, claim));
  if (isForeign) {
    await releaseNotices(ctx.db, claim, { afterMs: otherTransportMs });
    throw new Retryable(`Notice ${id} was attempted through another transport.`, otherTransportMs + marginMs);
  }
  if (uncertain && ctx.transport.isKeyless) {
    await settleAsUnknown(ctx, claim, diedOnTheWay);
    return undefined;
  }
  const bodies = claim.notices.map((notice) => notice.body!);
  const body = requestOf(key!, bodies);
  if (!sha256(body).equals(bodySha256!)) {
    await settleAsUnknown(ctx, claim, 'body_changed');
    throw new Permanent(`Notice ${id}: its bytes changed; it is not sent again.`);
  }
  if (!ctx.transport.isKeyless && !(await markNoticesUncertain(ctx.db, claim))) return undefined;
  const someoneLeft = !(await holdBackAll(ctx, claim, left));
  const attempted = { firstAttemptAt: firstAttemptAt!, uncertain, lost: attempts, someoneLeft };
  return { claim, request: { ...sharedOf(ctx, claim, key!), body, ...attempted } };
}

/** What a request has in common, the first time and every time after it. */
function sharedOf(ctx: Context, claim: Claim, key: string) {
  const { kind, now } = claim.notices[0]!;
  return {
    kind: key.startsWith(severalPrefix) ? ('batch' as const) : ('single' as const),
    key,
    members: claim.ids.length,
    claimedAt: now,
    isAwaited: kind !== 'announcement',
    // As in `deliver.ts`: over a keyless transport the outcome is open only from the moment the mail leaves.
    ...(ctx.transport.isKeyless && { markOpen: () => markNoticesUncertain(ctx.db, claim) }),
  };
}

/** The body of a request, from the parts that its notices keep. */
function requestOf(key: string, bodies: readonly Buffer[]): Buffer {
  if (!key.startsWith(severalPrefix)) return bodies[0]!;
  const parts = bodies.flatMap((body, place) => [place === 0 ? opening : comma, body]);
  return Buffer.concat([...parts, closing]);
}

const [opening, comma, closing] = ['[', ',', ']'].map((mark) => Buffer.from(mark)) as [
  Buffer,
  Buffer,
  Buffer,
];

function sha256(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest();
}
