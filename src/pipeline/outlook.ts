import type { Context } from '../context.ts';
import { readHistory, seenIn } from '../db/digests.ts';
import { type Reader, readReader } from '../db/readers.ts';
import { findById } from '../db/subscribers.ts';
import type { Occurrence } from '../domain/cadence.ts';
import type { Choices } from '../domain/choices.ts';
import type { EditionIndex } from '../domain/ranking.ts';
import type { Candidates } from './edition-index.ts';
import { type ReaderTaste, readReaderTastes } from './reader-taste.ts';
import { nextDigest, nextIfSaved } from './schedule.ts';
import { asIfSaved } from './unsaved.ts';

/** All that decides a subscriber's next digest, as it stands now. */
export interface Outlook {
  next: Occurrence;
  reader: Reader;
  candidates: Candidates;
  index: EditionIndex;
  seen: readonly number[];
  taste: ReaderTaste | undefined;
}

/** What the next digest will be made of, or with `unsaved` would be. Undefined when there is no such subscriber. */
export async function readOutlook(
  ctx: Context,
  subscriberId: number,
  unsaved?: Choices,
): Promise<Outlook | undefined> {
  const [stored, subscriber] = await Promise.all([
    readReader(ctx.db, subscriberId),
    findById(ctx.db, subscriberId),
  ]);
  if (!stored || !subscriber) return undefined;
  const next = unsaved
    ? await nextIfSaved(ctx, { ...subscriber, status: 'active' }, unsaved)
    : nextDigest({ ...subscriber, status: 'active' })!;
  const moment = new Date(Math.max(ctx.now().getTime(), next.at.getTime()));
  const candidates = await ctx.indexes.at(moment);
  const { reader, index } = unsaved
    ? await asIfSaved(ctx, stored, candidates, unsaved)
    : { reader: stored, index: candidates.index };
  const histories = await readHistory(ctx.db, [reader.id], next.localDate);
  const tastes = await readReaderTastes(ctx.db, candidates, [reader]);
  return {
    next,
    reader,
    candidates,
    index,
    seen: seenIn(histories.get(reader.id)),
    taste: tastes.get(reader.id),
  };
}
