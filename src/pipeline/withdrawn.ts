import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { DigestRow } from '../db/digests.ts';
import type { Database } from '../db/schema.ts';
import { findWithdrawn, isAnyWithdrawn, rewriteDigests } from '../db/withdrawals.ts';
import { pack, unpack } from '../domain/digest.ts';
import type { LackingList } from '../domain/source-name.ts';
import { renderDayline, renderSubject } from '../render/fragments.ts';

/** The digests that go out, and why others don't, by position. */
export interface Members {
  members: readonly DigestRow[];
  dropped: Record<string, string>;
}

/**
 * Leaves out of a batch that was never attempted who has left, and out of the other digests the papers withdrawn since
 * they were composed: cards, subject and day line, in the transaction that freezes the batch. A digest with no paper left
 * is skipped. The rest stays as composed, the look of the next card too. Dies half-way: nothing of it happened.
 */
export async function leaveOut(
  ctx: Context,
  trx: Transaction<Database>,
  batchId: number,
  digests: readonly DigestRow[],
  left: ReadonlyMap<number, string>,
): Promise<Members> {
  const dropped = Object.fromEntries([...left].map(([position, reason]) => [String(position), reason]));
  const staying = digests.filter(({ position }) => !left.has(position));
  const withdrawn = await findWithdrawn(trx, papersOf(staying));
  if (withdrawn.size === 0) return { members: staying, dropped };
  const day = await readDay(ctx, trx, batchId);
  const members: DigestRow[] = [];
  const rewritten: DigestRow[] = [];
  for (const digest of staying) {
    const isConcerned = digest.paperIds.some((id) => withdrawn.has(id));
    const renewed = isConcerned ? await renew(ctx, trx, digest, withdrawn, day) : digest;
    if (!renewed) dropped[String(digest.position)] = 'nothing_new';
    else members.push(renewed);
    if (renewed && isConcerned) rewritten.push(renewed);
  }
  await rewriteDigests(trx, rewritten);
  ctx.log.info({ batch: batchId, digests: rewritten.length }, 'withdrawn papers left out of digests');
  return { members, dropped };
}

/** Whether any of their papers was withdrawn since: for the statement that freezes them. */
export function isAnythingWithdrawn(digests: readonly DigestRow[]): RawBuilder<boolean> {
  return isAnyWithdrawn(papersOf(digests));
}

function papersOf(digests: readonly DigestRow[]): number[] {
  return digests.flatMap(({ paperIds }) => paperIds);
}

interface Day {
  chosenFrom: number;
  partial: boolean;
  lacking: readonly LackingList[];
}

async function readDay(ctx: Context, trx: Transaction<Database>, batchId: number): Promise<Day> {
  const { rows } = await sql<{ madeAt: Date }>`
    select r.made_at "madeAt" from batches b join ranges r on r.id = b.range_id where b.id = ${batchId}`.execute(
    trx,
  );
  const { index, partial, lacking } = await ctx.indexes.at(rows[0]!.madeAt);
  return { chosenFrom: index.papers, partial, lacking };
}

/** The digest without those papers; undefined when none is left. */
async function renew(
  ctx: Context,
  trx: Transaction<Database>,
  digest: DigestRow,
  withdrawn: ReadonlySet<number>,
  { chosenFrom, partial, lacking }: Day,
): Promise<DigestRow | undefined> {
  const before = unpack(digest.composition);
  const kept = digest.paperIds
    .map((paperId, place) => ({ paperId, card: before.cards[place] }))
    .filter(({ paperId, card }) => card !== undefined && !withdrawn.has(paperId));
  if (kept.length === 0) return undefined;
  const lead = await trx
    .selectFrom('papers')
    .select(['id', 'title', 'revision'])
    .where('id', '=', kept[0]!.paperId)
    .executeTakeFirstOrThrow();
  const more = kept.length - 1;
  const day = { localDate: digest.localDate, papers: kept.length, chosenFrom, partial, lacking };
  const composition = pack({
    ...before,
    subject: await ctx.fragments.idOf(`subject ${lead.id} ${lead.revision} ${more}`, () =>
      renderSubject(lead.title, more),
    ),
    dayline: await ctx.fragments.idOf(`day ${JSON.stringify(day)}`, () => renderDayline(day)),
    cards: kept.map(({ card }) => card!),
  });
  return { ...digest, paperIds: kept.map(({ paperId }) => paperId), composition };
}
