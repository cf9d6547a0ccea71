import type { Kysely } from 'kysely';
import type { Context } from '../context.ts';
import { readHistory, seenIn } from '../db/digests.ts';
import type { OpenRange } from '../db/ranges.ts';
import { type Reader, readRangeReaders } from '../db/readers.ts';
import type { Database } from '../db/schema.ts';
import { findSuppressedHex } from '../db/suppressions.ts';
import { addressHashHex } from '../domain/address.ts';
import type { SkipReason } from '../domain/ledger.ts';
import type { Candidates } from './edition-index.ts';
import { readReaderTastes } from './reader-taste.ts';
import { type ChosenPaper, selectPapers } from './selection.ts';
import { openTurns } from './turns.ts';

/** What was decided for one reader of a range. */
export interface Decided {
  reader: Reader;
  skipped: SkipReason | null;
  chosen: ChosenPaper[];
}

/**
 * Decides for every reader of the range. One who has a digest of this date or a later one is not due (RULES 5). Throws
 * where suppressions cannot be read (RULES 16).
 */
export async function decide(
  ctx: Context,
  db: Kysely<Database>,
  range: OpenRange,
  candidates: Candidates,
): Promise<Decided[]> {
  const { index } = candidates;
  const readers = await readRangeReaders(db, range);
  const tastes = await readReaderTastes(db, candidates, readers);
  const histories = await readHistory(
    db,
    readers.map(({ id }) => id),
    range.editionDate,
  );
  const hashes = readers.map(({ address }) => addressHashHex(ctx.config.suppressionKey, address));
  const suppressed = await findSuppressedHex(db, hashes);
  const decided: Decided[] = [];
  const turns = openTurns();
  for (const [place, reader] of readers.entries()) {
    if (turns.isOver()) await turns.next();
    const history = histories.get(reader.id);
    if (history && history.lastDate >= range.editionDate) continue;
    const isSuppressed = suppressed.has(hashes[place]!);
    const chosen =
      isSuppressed || reader.status !== 'active'
        ? []
        : selectPapers(reader, index, seenIn(history), tastes.get(reader.id));
    decided.push({ reader, skipped: reasonToSkip(reader, isSuppressed, chosen), chosen });
  }
  return decided;
}

/** The same before anything is planned: nobody left a range that is not there, so its number only has to be nobody's. */
export function decideUnplanned(
  ctx: Context,
  range: Omit<OpenRange, 'id'>,
  candidates: Candidates,
): Promise<Decided[]> {
  return decide(ctx, ctx.db, { id: 0, ...range }, candidates);
}

function reasonToSkip(reader: Reader, isSuppressed: boolean, chosen: ChosenPaper[]): SkipReason | null {
  if (isSuppressed) return 'suppressed';
  if (reader.status !== 'active') return 'unsubscribed';
  return chosen.length === 0 && !reader.wantsNote ? 'nothing_new' : null;
}
