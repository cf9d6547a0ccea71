/**
 * Compose: takes one range, leaves its digests and their batches.
 *
 * All in one transaction under the range's lock: a crash half-way leaves nothing of it, and the range is taken again.
 * Fragments are written outside, because they are addressed by content: left over, they are simply found again.
 * A crash after the commit loses only the nudge to deliver, which the sweep repeats.
 */
import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { insertBatches } from '../db/batches.ts';
import { readPerSecond } from '../db/gates.ts';
import { ensureDigestPartition, insertDigests, type NewDigest } from '../db/digests.ts';
import { closeRange, lockOpenRange, type OpenRange } from '../db/ranges.ts';
import type { Database } from '../db/schema.ts';
import { batchMembersMax } from '../domain/digest.ts';
import { addCounts } from '../domain/ledger.ts';
import { nudgesFor } from '../domain/nudges.ts';
import { readEditionPapers } from './card-papers.ts';
import { composePacked } from './composition.ts';
import { decide, type Decided } from './decision.ts';
import type { Candidates } from './edition-index.ts';

/** False when `mayBegin`, asked first in the transaction, says that the range has to wait. */
export async function compose(
  ctx: Context,
  { rangeId }: { rangeId: number },
  mayBegin?: (trx: Transaction<Database>) => Promise<boolean>,
): Promise<boolean> {
  const range = await ctx.db
    .selectFrom('ranges')
    .select('edition_date')
    .where('id', '=', rangeId)
    .where('composed_at', 'is', null)
    .executeTakeFirst();
  if (!range) return true;
  await ensureDigestPartition(ctx.db, range.edition_date);
  const batchIds = await ctx.db
    .transaction()
    .execute(async (trx) => ((await mayBegin?.(trx)) ?? true) && composeRange(ctx, trx, rangeId));
  if (batchIds === false) return false;
  if (batchIds.length > 0) {
    const perSecond = await readPerSecond(ctx.db, ctx.transport.identity, ctx.config.ratePerSecond);
    await ctx.queues.addMany('deliver', nudgesFor(batchIds, perSecond));
  }
  return true;
}

async function composeRange(ctx: Context, trx: Transaction<Database>, rangeId: number): Promise<number[]> {
  const range = await lockOpenRange(trx, rangeId);
  if (!range) return [];
  const candidates = await ctx.indexes.at(range.madeAt);
  const decided = await decide(ctx, trx, range, candidates);
  const batchIds = await insertAll(ctx, trx, range, decided, candidates);
  const skipped: Record<string, number> = {};
  for (const { skipped: reason } of decided) if (reason) addCounts(skipped, { [reason]: 1 });
  await closeRange(trx, rangeId, { audience: decided.length, skipped });
  ctx.log.info(
    { edition: range.editionDate, range: rangeId, audience: decided.length, batches: batchIds.length },
    'composed',
  );
  return batchIds;
}

async function insertAll(
  ctx: Context,
  trx: Transaction<Database>,
  range: OpenRange,
  decided: readonly Decided[],
  candidates: Candidates,
): Promise<number[]> {
  const members = decided.filter(({ skipped }) => skipped === null);
  const edition = {
    localDate: range.editionDate,
    candidates,
    papers: await readEditionPapers(
      ctx,
      candidates,
      members.flatMap(({ chosen }) => chosen.map(({ paperId }) => paperId)),
    ),
  };
  const compositions = await composePacked(ctx, members, edition);
  const rows: NewDigest[] = decided.filter(({ skipped }) => skipped !== null).map(skippedRow);
  const batches = cut(members);
  const batchIds = await insertBatches(
    trx,
    range,
    batches.map((batch) => ({
      fromId: batch[0]!.reader.id,
      toId: batch.at(-1)!.reader.id,
      members: batch.length,
    })),
  );
  for (const [place, { reader, chosen }] of members.entries()) {
    rows.push({
      subscriberId: reader.id,
      batchId: batchIds[Math.floor(place / batchMembersMax)]!,
      position: place % batchMembersMax,
      skipped: null,
      paperIds: chosen.map(({ paperId }) => paperId),
      composition: compositions[place]!,
      address: reader.address,
      addressVersion: reader.addressVersion,
      keyId: ctx.config.keys[0].id,
    });
  }
  await insertDigests(trx, range.editionDate, rows);
  return batchIds;
}

function cut(members: readonly Decided[]): Decided[][] {
  const batches: Decided[][] = [];
  for (let at = 0; at < members.length; at += batchMembersMax)
    batches.push(members.slice(at, at + batchMembersMax));
  return batches;
}

function skippedRow({ reader, skipped }: Decided): NewDigest {
  return {
    subscriberId: reader.id,
    batchId: null,
    position: null,
    skipped,
    paperIds: [],
    composition: null,
    address: null,
    addressVersion: reader.addressVersion,
    keyId: null,
  };
}
