/**
 * Deliver: takes one batch under the process's lease, leaves the transport's receipt on it.
 *
 * Dies before the freeze: nothing happened. Dies after it: the lease is freed, and the same bytes are replayed under the
 * same key, which the transport answers as it did the first time. Dies before the receipt is written: likewise. A keyless
 * transport (SMTP) gets one mail a batch; what it was being handed when the process died is unknown (RULES 13).
 */
import type { Context } from '../context.ts';
import { insertHalves } from '../db/batch-cuts.ts';
import { claimBatch, markUncertain, releaseBatch, settleBatch, thawBatch } from '../db/batches.ts';
import { type DigestRow, readBatchDigests } from '../db/digests.ts';
import { mailMayLeave } from '../db/gates.ts';
import { suppressRefused } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import type { BatchNudge } from '../domain/nudges.ts';
import { isBodyOf } from '../press/body-hash.ts';
import { Permanent, Retryable } from '../queue/errors.ts';
import type { Receipt } from '../transport/transport.ts';
import type { BodyPlace } from './bodies.ts';
import { type Claim, freeze, type Frozen, openMark, print } from './freezing.ts';
import { type FrozenRequest, type HandedOver, handOver, inHand } from './hand-over.ts';
import { holdBackLeavers, readLeavers } from './leavers.ts';
import { deliverNotice } from './notice.ts';

/** A little after the row's time, so that the next claim does not come early. */
const marginMs = 50;
const otherTransportMs = 60_000;

/** One job of the queue: batches of digests, or a notice. */
export async function deliver(ctx: Context, job: BatchNudge | { noticeId: number }): Promise<void> {
  if ('noticeId' in job) return deliverNotice(ctx, job.noticeId);
  const others = (job.others ?? []).map((batchId) => deliverOther(ctx, batchId));
  const [own] = await Promise.allSettled([deliverBatch(ctx, job.batchId), ...others]);
  if (own.status === 'rejected') throw own.reason;
}

/** A batch that stops goes on as a job of its own, so that the others are done with. */
async function deliverOther(ctx: Context, batchId: number): Promise<void> {
  try {
    await deliverBatch(ctx, batchId);
  } catch (error) {
    const afterMs = error instanceof Retryable ? error.afterMs : 0;
    if (!(error instanceof Retryable)) ctx.log.error({ batch: batchId, err: error }, 'deliver failed');
    await ctx.queues.add('deliver', { batchId }, { delayMs: afterMs });
  }
}

/** A place first: whoever waits for one has claimed nothing. */
export async function deliverBatch(ctx: Context, batchId: number): Promise<void> {
  await inHand(ctx, [`batch ${batchId}`], async (lease) => {
    const place = await ctx.bodies.take();
    try {
      await deliverClaimed(ctx, batchId, lease, place);
    } finally {
      ctx.bodies.giveBack(place);
    }
  });
}

async function deliverClaimed(ctx: Context, batchId: number, lease: number, place: BodyPlace): Promise<void> {
  const claimed = await claimBatch(ctx.db, batchId, lease, mailMayLeave(ctx.transport.identity));
  if (!claimed) return;
  const claimedMs = performance.now();
  const batch = { ...claimed, lease };
  try {
    const frozen = await freezeOrRecall(ctx, batch, place);
    if (!frozen) return;
    const request: FrozenRequest = {
      kind: 'batch',
      ...frozen,
      members: frozen.positions.length,
      claimedAt: batch.now,
      claimedMs,
      batchId: batch.id,
    };
    const result = await ctx.bodies.inFlight(() => handOver(ctx, request));
    // Whoever accepted every member has read them all; after any other answer the request may still be on its way.
    if (result.receipt?.outcome === 'accepted') place.memory = frozen.memory;
    await settle(ctx, batch, frozen, result);
  } catch (error) {
    // Whatever went wrong, this process is done with the batch; what may have been attempted stays uncertain.
    if (!(error instanceof Retryable)) await releaseBatch(ctx.db, batch, { afterMs: 1000 }).catch(() => {});
    throw error;
  }
}

async function freezeOrRecall(ctx: Context, batch: Claim, place: BodyPlace): Promise<Frozen | undefined> {
  if (batch.state === 'composed') return freeze(ctx, batch, place);
  const all = await readBatchDigests(ctx.db, batch);
  const left = await readLeavers(ctx, ctx.db, batch, all);
  const foreign = batch.transport !== ctx.transport.identity;
  if (!batch.uncertainAt && (foreign || left.size > 0)) {
    return (await thawBatch(ctx.db, batch)) ? freeze(ctx, { ...batch, dropped: null }, place) : undefined;
  }
  if (batch.uncertainAt && !foreign && ctx.transport.isKeyless) {
    await giveUp(ctx, batch);
    return undefined;
  }
  if (foreign) {
    const reason = 'attempted through another transport';
    await releaseBatch(ctx.db, batch, { afterMs: otherTransportMs, reason });
    throw new Retryable(`Batch ${batch.id} was ${reason}.`, otherTransportMs);
  }
  const someoneLeft = left.size > 0 && !(await holdBackLeavers(ctx, batch, all, left));
  return recall(ctx, batch, all, { someoneLeft, place });
}

/** Its mail was on its way when its process died, and there is no key to ask with (RULES 13). */
async function giveUp(ctx: Context, batch: Claim): Promise<void> {
  const reason = 'the process died while the mail server had it';
  ctx.log.error({ batch: batch.id, edition: batch.editionDate, reason }, 'batch unknown');
  await settleBatch(ctx.db, batch, { state: 'unknown', reason });
}

/** The same bytes again, from the rows. A body whose hash no longer matches is never sent. */
async function recall(
  ctx: Context,
  batch: Claim,
  all: readonly DigestRow[],
  { someoneLeft, place }: { someoneLeft: boolean; place: BodyPlace },
): Promise<Frozen | undefined> {
  const members = all.filter(({ position }) => !batch.dropped?.[position]);
  const { body, memory, hash } = await print(ctx, batch.shellId!, members, place);
  if (!isBodyOf(batch.bodyHash!, body, hash)) {
    await settleBatch(ctx.db, batch, { state: 'unknown', reason: 'body_changed' });
    throw new Permanent(
      `Batch ${batch.id}: its bytes are not those of the first attempt; it is not sent again.`,
    );
  }
  if (!ctx.transport.isKeyless && !(await markUncertain(ctx.db, batch))) return undefined;
  return {
    ...openMark(ctx, batch),
    key: batch.key!,
    body,
    memory,
    firstAttemptAt: batch.firstAttemptAt!,
    uncertain: batch.uncertainAt !== null,
    lost: batch.attempts,
    positions: members.map(({ position }) => position),
    someoneLeft,
  };
}

async function settle(ctx: Context, batch: Claim, frozen: Frozen, handed: HandedOver): Promise<void> {
  const { decision, receipt, reason } = handed;
  switch (decision.next) {
    case 'accepted': {
      const settlement = { state: 'accepted' as const, ...byPosition(batch, frozen, receipt!) };
      const { id, editionDate: edition } = batch;
      if (!(await settleBatch(ctx.db, batch, settlement)))
        ctx.log.warn({ edition, batch: id }, 'settled by another');
      else ctx.log.info({ edition, batch: id, digests: frozen.positions.length }, 'accepted');
      for (const position of Object.keys(settlement.refused)) {
        ctx.log.warn({ edition, batch: id, position: Number(position) }, 'digest refused');
      }
      return;
    }
    case 'split': {
      const ids = await split(ctx, batch, frozen.positions, reason);
      return ctx.queues.addMany(
        'deliver',
        ids.map((batchId) => ({ batchId })),
      );
    }
    case 'failed':
      return fail(ctx, batch, handed);
    case 'unknown':
      ctx.log.error({ batch: batch.id, edition: batch.editionDate, code: codeOf(receipt) }, 'batch unknown');
      await settleBatch(ctx.db, batch, { state: 'unknown', reason });
      return;
    case 'thaw':
      await thawBatch(ctx.db, batch);
      await releaseBatch(ctx.db, batch, { afterMs: 0, reason });
      throw new Retryable(`Batch ${batch.id}: ${reason}`, marginMs);
    case 'replay': {
      const { afterMs, uncertain } = decision;
      const lost = receipt?.outcome === 'lost';
      await releaseBatch(ctx.db, batch, { afterMs, uncertain, lost, reason });
      throw new Retryable(`Batch ${batch.id}: ${reason}`, afterMs + marginMs);
    }
  }
}

/** Refused for good. A mail server may have said that the address is no more: that is a hard bounce (RULES 17). */
async function fail(ctx: Context, batch: Claim, { receipt, reason }: HandedOver): Promise<void> {
  const bounce = receipt?.outcome === 'refused' ? receipt.bounce : undefined;
  const failure = bounce === 'policy' || bounce === 'content' ? bounce : undefined;
  ctx.log.error({ batch: batch.id, edition: batch.editionDate, code: codeOf(receipt) }, 'batch failed');
  await ctx.db.transaction().execute(async (trx) => {
    if (!(await settleBatch(trx, batch, { state: 'failed', failure, reason }))) return;
    if (bounce !== 'hard') return;
    for (const { address } of await readBatchDigests(trx, batch)) {
      await suppressRefused(trx, addressHash(ctx.config.suppressionKey, address), reason);
    }
  });
}

/** For the log: a mail server's own words may name the address. They are on the batch. */
function codeOf(receipt: Receipt | undefined): string | undefined {
  return receipt && 'code' in receipt ? receipt.code : undefined;
}

/** The receipt by place among the batch's positions, and what was refused by position. */
function byPosition(batch: Claim, frozen: Frozen, receipt: Receipt) {
  if (receipt.outcome !== 'accepted') throw new Error(`A receipt "${receipt.outcome}" is not accepted.`);
  const ids = new Map(frozen.positions.map((position, place) => [position, receipt.ids[place] ?? null]));
  return {
    receipt: batch.positions.map((position) => ids.get(position) ?? null),
    refused: Object.fromEntries(
      receipt.refused.map(({ index, reason }) => [String(frozen.positions[index]), reason.slice(0, 500)]),
    ),
  };
}

/** Halves under new keys: allowed, because every attempt under the old one was definitely refused (RULES 11). */
async function split(ctx: Context, batch: Claim, positions: number[], reason: string): Promise<number[]> {
  const middle = Math.ceil(positions.length / 2);
  return ctx.db.transaction().execute(async (trx) => {
    if (!(await settleBatch(trx, batch, { state: 'split', reason }))) return [];
    return insertHalves(trx, batch.id, [positions.slice(0, middle), positions.slice(middle)]);
  });
}
