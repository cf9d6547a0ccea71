/**
 * Freezing: what a batch's request will be is committed before its first attempt. Dies before the commit: nothing happened,
 * and the batch is frozen again. Dies after it: see deliver.ts.
 */
import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import { type ClaimedBatch, emptyBatch, freezeBatch, markUncertain } from '../db/batches.ts';
import { type BatchDigest, type DigestRow, readBatchDigests } from '../db/digests.ts';
import type { Printed } from '../press/order.ts';
import type { BodyPlace } from './bodies.ts';
import { leavesWhole } from './cut.ts';
import { hasLeft, isAnyoneSuppressed, readLeavers } from './leavers.ts';
import { currentShellId } from './shell.ts';
import { isAnythingWithdrawn, leaveOut, type Members } from './withdrawn.ts';

export type Claim = ClaimedBatch & { lease: number };

export interface Frozen {
  key: string;
  body: Buffer;
  firstAttemptAt: Date;
  uncertain: boolean;
  lost: number;
  /** The positions in the body, in order. */
  positions: number[];
  /** And the provider may still mail them. */
  someoneLeft: boolean;
  /** What the body lies in, to be used again. */
  memory: ArrayBuffer;
  markOpen?: () => Promise<boolean>;
}

/**
 * In one transaction who has left is dropped, what was withdrawn is left out, and envelope, key, members, hash and time are
 * committed (RULES 9). Undefined when nobody is left, or the claim is not ours any more.
 *
 * Nearly always nobody has left and nothing was withdrawn. So everybody's body is made first, and the transaction is the one
 * statement that freezes the batch if both are so.
 */
export async function freeze(ctx: Context, batch: Claim, place: BodyPlace): Promise<Frozen | undefined> {
  if (!(await leavesWhole(ctx, batch))) return undefined;
  const shellId = await currentShellId(ctx);
  const all = await readBatchDigests(ctx.db, batch);
  return (
    (await freezeWhole(ctx, batch, { all, shellId, place })) ?? freezeRest(ctx, batch, { shellId, place })
  );
}

interface Making {
  shellId: number;
  place: BodyPlace;
}

/** Everybody. Undefined, and nothing has changed, where somebody or something is to be left out, or the claim is lost. */
async function freezeWhole(
  ctx: Context,
  batch: Claim,
  { all, ...making }: Making & { all: readonly BatchDigest[] },
): Promise<Frozen | undefined> {
  if (all.length === 0 || all.some(hasLeft)) return undefined;
  const nothingToLeaveOut = sql<boolean>`not (${isAnyoneSuppressed(ctx, all)} or ${isAnythingWithdrawn(all)})`;
  return commit(ctx, ctx.db, batch, { members: all, dropped: {} }, making, nothingToLeaveOut);
}

/** Those who stay, with the papers that do. */
async function freezeRest(ctx: Context, batch: Claim, making: Making): Promise<Frozen | undefined> {
  return ctx.db.transaction().execute(async (trx) => {
    const all = await readBatchDigests(trx, batch);
    const left = await readLeavers(ctx, trx, batch, all);
    const staying = await leaveOut(ctx, trx, batch.id, all, left);
    if (staying.members.length > 0) return commit(ctx, trx, batch, staying, making);
    await emptyBatch(trx, batch, staying.dropped);
    return undefined;
  });
}

/** Prints the members' body and freezes the batch with it. */
async function commit(
  ctx: Context,
  db: Context['db'],
  batch: Claim,
  { members, dropped }: Members,
  { shellId, place }: Making,
  asLongAs?: RawBuilder<boolean>,
): Promise<Frozen | undefined> {
  const { body, memory, hash: bodyHash } = await print(ctx, shellId, members, place);
  const key = `digest/${batch.editionDate}/${batch.id}/${randomUUID()}`;
  const { identity: transport, isKeyless = false } = ctx.transport;
  const frozen = { key, shellId, bodyHash, transport, dropped, uncertain: !isKeyless };
  if (!(await freezeBatch(db, batch, frozen, asLongAs))) {
    place.memory = memory;
    return undefined;
  }
  const positions = members.map(({ position }) => position);
  const attempted = { firstAttemptAt: batch.now, uncertain: false, lost: 0, someoneLeft: false };
  return { key, body, memory, ...attempted, positions, ...openMark(ctx, batch) };
}

/** Takes the place's memory; it goes back when the body was certainly read. */
export async function print(
  ctx: Context,
  shellId: number,
  digests: readonly DigestRow[],
  place: BodyPlace,
): Promise<Printed> {
  const { memory } = place;
  place.memory = undefined;
  return ctx.press.print(ctx.fragments, { shellId, keys: ctx.config.keys, digests, memory });
}

/** Over a keyless transport the outcome is open only from the moment the mail leaves: see `FrozenRequest.markOpen`. */
export function openMark(ctx: Context, batch: Claim): Pick<Frozen, 'markOpen'> {
  return ctx.transport.isKeyless ? { markOpen: () => markUncertain(ctx.db, batch) } : {};
}
