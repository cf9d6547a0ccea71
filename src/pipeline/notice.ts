/**
 * Notices: every mail that is no digest. One row for each subscriber, kind and cause, so a cause never mails twice.
 * They take the same hand-over as batches, ahead of them, and die as safely: frozen bytes, one key, replays.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import {
  claimNotice,
  type ClaimedNotice,
  countRecentNotices,
  freezeNotice,
  insertNotice,
  keepFirstDigest,
  type NewNotice,
  markNoticeUncertain,
  releaseNotice,
  settleNotice,
} from '../db/notices.ts';
import { readReader } from '../db/readers.ts';
import { findSuppressed, suppressRefused } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { Permanent, Retryable } from '../queue/errors.ts';
import { roomToday } from './daily-cap.ts';
import { type HandedOver, handOver, inHand } from './hand-over.ts';
import { makeNotice } from './notice-mail.ts';
import { clearTheWay, holdBackForGood } from './provider-list.ts';

type Claim = ClaimedNotice & { lease: number };

interface Frozen {
  key: string;
  body: Buffer;
  firstAttemptAt: Date;
  uncertain: boolean;
  lost: number;
  someoneLeft: boolean;
  markOpen?: () => Promise<boolean>;
}

const diedOnTheWay = 'the process died while the mail server had it';

/** Confirmations an hour for the whole installation (RULES 15): a flood of forms must not become a flood of mail. */
export const confirmationsPerHourMax = 500;
const marginMs = 50;
const otherTransportMs = 60_000;
/** A notice to somebody who left a batch that is still open looks again after this long. */
const heldMs = 60_000;

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

export async function deliverNotice(ctx: Context, noticeId: number): Promise<void> {
  await inHand(ctx, `notice ${noticeId}`, (lease) => deliverClaimed(ctx, noticeId, lease));
}

async function deliverClaimed(ctx: Context, noticeId: number, lease: number): Promise<void> {
  const claimed = await claimNotice(ctx.db, noticeId, lease);
  if (!claimed) return;
  const notice = { ...claimed, lease };
  try {
    const frozen = await freezeOrRecall(ctx, notice);
    if (!frozen) return;
    const request = {
      ...frozen,
      kind: 'single' as const,
      members: 1,
      claimedAt: notice.now,
      isAwaited: notice.kind !== 'announcement',
    };
    await settle(ctx, notice, await handOver(ctx, request));
  } catch (error) {
    if (!(error instanceof Retryable)) await releaseNotice(ctx.db, notice, { afterMs: 1000 }).catch(() => {});
    throw error;
  }
}

async function freezeOrRecall(ctx: Context, notice: Claim): Promise<Frozen | undefined> {
  const why = await whyNot(ctx, notice);
  const isCertain = notice.state === 'composed' || !notice.uncertainAt;
  if (why && isCertain) {
    await settleNotice(ctx.db, notice, { state: 'dropped', reason: why });
    return undefined;
  }
  if (isCertain && notice.kind === 'announcement' && (await roomToday(ctx)) === 0) {
    await releaseNotice(ctx.db, notice, { afterMs: 0, reason: 'The daily cap is reached.' });
    return undefined;
  }
  if (notice.state === 'composed') {
    if (await clearTheWay(ctx, notice.address)) return freeze(ctx, notice);
    await releaseNotice(ctx.db, notice, { afterMs: heldMs, reason: 'a batch that its reader left is open' });
    throw new Retryable(`Notice ${notice.id} waits for a batch that its reader left.`, heldMs);
  }
  if (notice.transport !== ctx.transport.identity) {
    const afterMs = isCertain ? 0 : otherTransportMs;
    await releaseNotice(ctx.db, notice, { afterMs, thaw: isCertain });
    throw new Retryable(`Notice ${notice.id} was attempted through another transport.`, afterMs + marginMs);
  }
  if (!isCertain && ctx.transport.isKeyless) {
    await settleNotice(ctx.db, notice, { state: 'unknown', reason: diedOnTheWay });
    return undefined;
  }
  if (!sha256(notice.body!).equals(notice.bodySha256!)) {
    await settleNotice(ctx.db, notice, { state: 'unknown', reason: 'body_changed' });
    throw new Permanent(`Notice ${notice.id}: its bytes changed; it is not sent again.`);
  }
  if (!ctx.transport.isKeyless && !(await markNoticeUncertain(ctx.db, notice))) return undefined;
  return {
    ...openMark(ctx, notice),
    key: notice.key!,
    body: notice.body!,
    firstAttemptAt: notice.firstAttemptAt!,
    uncertain: notice.uncertainAt !== null,
    lost: notice.attempts,
    someoneLeft: why !== undefined && !(await holdBackForGood(ctx, notice.address)),
  };
}

/** Why this notice may not be mailed any more: its address is suppressed, its reader erased, or gone before the news came. */
async function whyNot(
  ctx: Context,
  notice: Claim,
): Promise<'suppressed' | 'gone' | 'unsubscribed' | undefined> {
  const hash = addressHash(ctx.config.suppressionKey, notice.address);
  if ((await findSuppressed(ctx.db, [hash])).size > 0) return 'suppressed';
  const reader = await readReader(ctx.db, notice.subscriberId);
  if (!reader) return 'gone';
  // Links and confirmations are asked for, whatever the reader's status; news is for those who are subscribed.
  return notice.kind === 'announcement' && reader.status !== 'active' ? 'unsubscribed' : undefined;
}

async function freeze(ctx: Context, notice: Claim): Promise<Frozen | undefined> {
  const reader = await readReader(ctx.db, notice.subscriberId);
  if (!reader) return undefined;
  const { body, made } = await makeNotice(ctx, notice, reader);
  const key = `notice/${notice.id}/${randomUUID()}`;
  const { identity: transport } = ctx.transport;
  const freezing = { key, body, bodySha256: sha256(body), transport, uncertain: !ctx.transport.isKeyless };
  const ours = await ctx.db.transaction().execute(async (trx) => {
    const isOurs = await freezeNotice(trx, notice, freezing);
    if (isOurs && made) await keepFirstDigest(trx, notice.id, made);
    return isOurs;
  });
  if (!ours) return undefined;
  const attempted = { firstAttemptAt: notice.now, uncertain: false, lost: 0, someoneLeft: false };
  return { key, body, ...attempted, ...openMark(ctx, notice) };
}

/** As in `deliver.ts`: over a keyless transport the outcome is open only from the moment the mail leaves. */
function openMark(ctx: Context, notice: Claim): Pick<Frozen, 'markOpen'> {
  return ctx.transport.isKeyless ? { markOpen: () => markNoticeUncertain(ctx.db, notice) } : {};
}

async function settle(ctx: Context, notice: Claim, handed: HandedOver): Promise<void> {
  const { decision, receipt, reason } = handed;
  switch (decision.next) {
    case 'accepted': {
      const refused = receipt?.outcome === 'accepted' ? receipt.refused[0] : undefined;
      const id = receipt?.outcome === 'accepted' ? (receipt.ids[0] ?? null) : null;
      const state = refused ? ('failed' as const) : ('accepted' as const);
      await settleNotice(ctx.db, notice, {
        state,
        receipt: id,
        ...(refused ? { reason: refused.reason } : {}),
      });
      return;
    }
    case 'split':
    case 'failed':
    case 'unknown': {
      const state = decision.next === 'unknown' ? ('unknown' as const) : ('failed' as const);
      const code = receipt && 'code' in receipt ? receipt.code : undefined;
      ctx.log.error({ notice: notice.id, kind: notice.kind, code }, `notice ${state}`);
      await ctx.db.transaction().execute(async (trx) => {
        await settleNotice(trx, notice, { state, reason });
        if (state === 'failed' && receipt?.outcome === 'refused' && receipt.bounce === 'hard') {
          await suppressRefused(trx, addressHash(ctx.config.suppressionKey, notice.address), reason);
        }
      });
      return;
    }
    case 'thaw':
      await releaseNotice(ctx.db, notice, { afterMs: 0, thaw: true, uncertain: false, reason });
      throw new Retryable(`Notice ${notice.id}: ${reason}`, marginMs);
    case 'replay': {
      const { afterMs, uncertain } = decision;
      await releaseNotice(ctx.db, notice, { afterMs, uncertain, lost: receipt?.outcome === 'lost', reason });
      throw new Retryable(`Notice ${notice.id}: ${reason}`, afterMs + marginMs);
    }
  }
}

function sha256(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest();
}
