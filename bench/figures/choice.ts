import type { Context } from '../../src/context.ts';
import { readHistory, seenIn } from '../../src/db/digests.ts';
import { readRangeReaders } from '../../src/db/readers.ts';
import { selectPapers } from '../../src/pipeline/selection.ts';
import { createPlainTable, readPlainDigest } from '../plain/digest-query.ts';
import { timeInTurns } from './rounds.ts';

/** Choosing one digest's papers: microseconds a reader, by one query each, and by our index; a value a round. */
export interface Choice {
  queryMicros: number[];
  indexMicros: number[];
}

const rounds = 5;
/** The index is so fast that one pass over the readers would be lost in noise. */
const passes = 20;

/** Both choose for the same readers, who have been read before. */
export async function measureChoice(ctx: Context, date: string, readersMax: number): Promise<Choice> {
  await createPlainTable(ctx.db);
  const range = await rangeOf(ctx, date, readersMax);
  const readers = await readRangeReaders(ctx.db, range);
  const ids = readers.map(({ id }) => id);
  const { index } = await ctx.indexes.at(range.madeAt);
  const histories = await readHistory(ctx.db, ids, date);
  const byIndex = () => {
    for (let pass = 0; pass < passes; pass++)
      for (const reader of readers) selectPapers(reader, index, seenIn(histories.get(reader.id)));
  };
  const byQuery = async () => {
    for (const id of ids) await readPlainDigest(ctx.db, id, date);
  };
  const times = await timeInTurns(rounds, readers.length, { one: byQuery, other: byIndex });
  return { queryMicros: times.one, indexMicros: times.other.map((micros) => micros / passes) };
}

async function rangeOf({ db }: Context, editionDate: string, readersMax: number) {
  const slots = await db.selectFrom('slots').select('id').execute();
  const madeAt = new Date(`${editionDate}T07:00:01Z`);
  return { id: 0, editionDate, slotIds: slots.map(({ id }) => id), fromId: 1, toId: readersMax, madeAt };
}
