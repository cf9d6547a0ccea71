import type { Context } from '../context.ts';
import { type ClaimedNotice, releaseNotices, settleNotices, type Together } from '../db/notice-hand-over.ts';
import { readSubscribers, type Reader } from '../db/readers.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { Retryable } from '../queue/errors.ts';
import { roomToday } from './daily-cap.ts';
import { findHeld, holdBackForGood } from './provider-list.ts';

/** The claimed notices of one request, in the order of their numbers. */
export interface Claim extends Together {
  notices: readonly ClaimedNotice[];
}

type Leaving = 'suppressed' | 'gone' | 'unsubscribed';

/** A notice to somebody who left a batch that is still open looks again after this long. */
const heldMs = 60_000;

export function claimOf(lease: number, notices: readonly ClaimedNotice[]): Claim {
  return { lease, notices, ids: notices.map(({ id }) => id) };
}

/** Who of a claim may be mailed now. Who left is settled, and who must wait is given back. */
export async function keepMailable(
  ctx: Context,
  claim: Claim,
  readers: ReadonlyMap<number, Reader>,
): Promise<Claim> {
  const left = await findLeavers(ctx, claim, readers);
  const fates = [...left].map(([id, reason]) => ({ id, state: 'dropped' as const, reason }));
  if (fates.length > 0) await settleNotices(ctx.db, claim.lease, fates);
  return withoutHeld(ctx, await withinTheCap(ctx, without(claim, left)));
}

/** Whose address is suppressed, whose reader was erased, or left before the news came; by the number of the notice. */
export async function readLeavers(ctx: Context, claim: Claim): Promise<Map<number, Leaving>> {
  const ids = claim.notices.map(({ subscriberId }) => subscriberId);
  return findLeavers(ctx, claim, await readSubscribers(ctx.db, ids));
}

async function findLeavers(
  ctx: Context,
  { notices }: Claim,
  readers: ReadonlyMap<number, Reader>,
): Promise<Map<number, Leaving>> {
  const hashes = notices.map(({ address }) => addressHash(ctx.config.suppressionKey, address));
  const suppressed = await findSuppressed(ctx.db, hashes);
  const left = new Map<number, Leaving>();
  for (const [place, { id, kind, subscriberId }] of notices.entries()) {
    const reader = readers.get(subscriberId);
    if (suppressed.has(hashes[place]!.toString('hex'))) left.set(id, 'suppressed');
    else if (!reader) left.set(id, 'gone');
    // Links and confirmations are asked for, whatever the reader's status; news is for those who are subscribed.
    else if (kind === 'announcement' && reader.status !== 'active') left.set(id, 'unsubscribed');
  }
  return left;
}

/** As many of an announcement's as the day has room for; what somebody waits for is only counted. */
async function withinTheCap(ctx: Context, claim: Claim): Promise<Claim> {
  if (claim.notices[0]?.kind !== 'announcement') return claim;
  const rest = claim.notices.slice(Math.min(await roomToday(ctx), claim.notices.length));
  return giveBack(ctx, claim, rest, { afterMs: 0, reason: 'The daily cap is reached.' });
}

/** Throws where all that is left waits for an open batch that its reader left. */
async function withoutHeld(ctx: Context, claim: Claim): Promise<Claim> {
  const held = await findHeld(
    ctx,
    claim.notices.map(({ address }) => address),
  );
  const waiting = claim.notices.filter(({ address }) => held.has(address));
  const rest = await giveBack(ctx, claim, waiting, {
    afterMs: heldMs,
    reason: 'a batch that its reader left is open',
  });
  if (waiting.length > 0 && rest.ids.length === 0)
    throw new Retryable(`Notice ${waiting[0]!.id} waits for a batch that its reader left.`, heldMs);
  return rest;
}

async function giveBack(
  ctx: Context,
  claim: Claim,
  notices: readonly ClaimedNotice[],
  release: { afterMs: number; reason: string },
): Promise<Claim> {
  if (notices.length === 0) return claim;
  const ids = notices.map(({ id }) => id);
  await releaseNotices(ctx.db, { ids, lease: claim.lease }, release);
  return without(claim, new Set(ids));
}

function without({ lease, notices }: Claim, ids: { has(id: number): boolean }): Claim {
  return claimOf(
    lease,
    notices.filter(({ id }) => !ids.has(id)),
  );
}

/** Whether none of those who left can be reached by a replay any more. */
export async function holdBackAll(
  ctx: Context,
  { notices }: Claim,
  left: ReadonlyMap<number, unknown>,
): Promise<boolean> {
  for (const { id, address } of notices) {
    if (left.has(id) && !(await holdBackForGood(ctx, address))) return false;
  }
  return true;
}
