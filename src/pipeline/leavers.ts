import type { RawBuilder, Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { ClaimedBatch } from '../db/batches.ts';
import type { BatchDigest, DigestRow } from '../db/digests.ts';
import type { Database } from '../db/schema.ts';
import { findSuppressedHex, isAnySuppressed } from '../db/suppressions.ts';
import { addressHashHex } from '../domain/address.ts';
import { holdBack } from './provider-list.ts';

/** Who may not get it any more, by position, with the reason. An erased digest has no address left. */
export async function readLeavers(
  ctx: Context,
  db: Context['db'] | Transaction<Database>,
  batch: Pick<ClaimedBatch, 'dropped'>,
  digests: readonly BatchDigest[],
): Promise<Map<number, string>> {
  const hashes = new Map(
    digests.filter(({ address }) => address !== null).map((digest) => [digest.position, hashOf(ctx, digest)]),
  );
  const suppressed = await findSuppressedHex(db, [...hashes.values()]);
  const left = new Map<number, string>();
  for (const { position, isActive } of digests) {
    if (batch.dropped?.[position]) continue;
    if (suppressed.has(hashes.get(position) ?? '')) left.set(position, 'suppressed');
    else if (!hashes.has(position) || !isActive) left.set(position, 'unsubscribed');
  }
  return left;
}

/** Whether its reader unsubscribed since, or was erased. */
export function hasLeft({ isActive, address }: BatchDigest): boolean {
  return !isActive || address === null;
}

/** Whether any of these addresses is suppressed by now: for the statement that freezes them. */
export function isAnyoneSuppressed(ctx: Context, digests: readonly DigestRow[]): RawBuilder<boolean> {
  return isAnySuppressed(digests.map((digest) => hashOf(ctx, digest)));
}

function hashOf(ctx: Context, { address }: DigestRow): string {
  return addressHashHex(ctx.config.suppressionKey, address);
}

/** Whether those who left can't be reached by a replay any more (RULES 10). */
export async function holdBackLeavers(
  ctx: Context,
  batch: Pick<ClaimedBatch, 'id'>,
  all: readonly DigestRow[],
  left: ReadonlyMap<number, string>,
): Promise<boolean> {
  const leavers = all.filter(({ position, address }) => left.has(position) && address !== null);
  return holdBack(
    ctx,
    batch.id,
    leavers.map(({ address }) => address),
  );
}
