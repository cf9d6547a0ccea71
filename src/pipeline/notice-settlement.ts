/** What follows from the answer to a request of notices: written on each of them in one statement, so never by half. */
import type { Context } from '../context.ts';
import { type NoticeFate, releaseNotices, settleNotices, thawNotices } from '../db/notice-hand-over.ts';
import { suppressRefused } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { Retryable } from '../queue/errors.ts';
import type { Receipt } from '../transport/transport.ts';
import type { HandedOver } from './hand-over.ts';
import { type Claim, claimOf } from './notice-claim.ts';

const marginMs = 50;

/** Gives what is to be tried again at once, in halves under new keys; all else is settled, or throws Retryable. */
export async function settleRequest(ctx: Context, claim: Claim, handed: HandedOver): Promise<Claim[]> {
  const { decision, receipt, reason } = handed;
  const named = `Notice ${claim.ids[0]}: ${reason}`;
  switch (decision.next) {
    case 'accepted':
      await settleNotices(ctx.db, claim.lease, fatesOf(claim, receipt!));
      return [];
    case 'split': {
      const { lease, notices } = await thaw(ctx, claim);
      const middle = Math.ceil(notices.length / 2);
      return [claimOf(lease, notices.slice(0, middle)), claimOf(lease, notices.slice(middle))];
    }
    case 'failed':
      await fail(ctx, claim, handed);
      return [];
    case 'unknown':
      await settleAsUnknown(ctx, claim, reason);
      return [];
    case 'thaw':
      await releaseNotices(ctx.db, claim, { afterMs: 0, thaw: true, uncertain: false, reason });
      throw new Retryable(named, marginMs);
    case 'replay': {
      const { afterMs, uncertain } = decision;
      const lost = receipt?.outcome === 'lost';
      await releaseNotices(ctx.db, claim, { afterMs, uncertain, lost, reason });
      throw new Retryable(named, afterMs + marginMs);
    }
  }
}

/** May have been taken, and is never sent again by itself. */
export async function settleAsUnknown(ctx: Context, claim: Claim, reason: string): Promise<void> {
  ctx.log.error({ notice: claim.ids[0], notices: claim.ids.length, reason }, 'notices unknown');
  await settleNotices(
    ctx.db,
    claim.lease,
    claim.ids.map((id) => ({ id, state: 'unknown', reason })),
  );
}

/** The same claim, with its freeze forgotten: every attempt so far was definitely refused, or there was none. */
export async function thaw(ctx: Context, claim: Claim): Promise<Claim> {
  if (!(await thawNotices(ctx.db, claim))) throw new Error(`Notice ${claim.ids[0]} was not ours any more.`);
  return claimOf(
    claim.lease,
    claim.notices.map((notice) => ({ ...notice, state: 'composed' as const })),
  );
}

/** Ids and refusals name their places in the request. */
function fatesOf({ ids }: Claim, receipt: Receipt): NoticeFate[] {
  if (receipt.outcome !== 'accepted') throw new Error(`A receipt "${receipt.outcome}" is not accepted.`);
  const refused = new Map(receipt.refused.map(({ index, reason }) => [index, reason.slice(0, reasonMax)]));
  return ids.map((id, place) =>
    refused.has(place)
      ? { id, state: 'failed', reason: refused.get(place) }
      : { id, state: 'accepted', receipt: receipt.ids[place] ?? null },
  );
}
const reasonMax = 500;

/** Refused for good, alone. A mail server may have said that the address is no more: that is a hard bounce (RULES 17). */
async function fail(ctx: Context, claim: Claim, { receipt, reason }: HandedOver): Promise<void> {
  const { id, kind, address } = claim.notices[0]!;
  const code = receipt && 'code' in receipt ? receipt.code : undefined;
  ctx.log.error({ notice: id, kind, code }, 'notice failed');
  await ctx.db.transaction().execute(async (trx) => {
    await settleNotices(trx, claim.lease, [{ id, state: 'failed', reason }]);
    if (receipt?.outcome === 'refused' && receipt.bounce === 'hard')
      await suppressRefused(trx, addressHash(ctx.config.suppressionKey, address), reason);
  });
}
