import { matchPapers } from '../../src/db/matches.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import type { DayState } from '../../src/db/tables/sources.ts';
import { recordDayRead } from '../../src/db/source-days.ts';
import { upsertSubscribers } from '../../src/db/subscriber-import.ts';
import { ensureTopics } from '../../src/db/topics.ts';
import { addressHash } from '../../src/domain/address.ts';
import { addDays, everyDay, type Slot } from '../../src/domain/cadence.ts';
import type { PaperRecord } from '../../src/domain/paper.ts';
import type { TestContext } from './context.ts';

export interface SeededReader {
  id: number;
  address: string;
}

/** A list of a day, read and matched: `count` papers about robots, or exactly the records given. */
export async function seedDay(
  ctx: TestContext,
  day: string,
  papers: number | Partial<PaperRecord>[],
  { source = 'huggingface', state = 'complete' as DayState } = {},
): Promise<void> {
  const given =
    typeof papers === 'number' ? Array.from({ length: papers }, (_, n) => ({ votes: n })) : papers;
  const records = given.map((paper, n) => paperOf(day, n, paper));
  const readAt = new Date(`${addDays(day, 1)}T01:00:00Z`);
  const { changedIds } = await upsertPapers(ctx.db, source, records, readAt);
  await matchPapers(ctx.db, changedIds);
  await recordDayRead(ctx.db, { source, day, state, readAt });
}

/** The key that `seedDay` gives the nth paper of a day. */
export function keyOf(day: string, n: number): string {
  return `arxiv:${day.slice(2, 4)}${day.slice(5, 7)}.${day.slice(8)}${String(n).padStart(3, '0')}`;
}

/** Readers who joined at the business clock's moment: `reader1@uni.test` and so on. */
export async function seedReaders(
  ctx: TestContext,
  count: number,
  wishes: Partial<Slot> & { topics?: string[]; maxPapers?: number; name?: string } = {},
): Promise<SeededReader[]> {
  const { topics = ['robots'], maxPapers = 3, name = 'reader', ...slot } = wishes;
  const rows = Array.from({ length: count }, (_, n) => {
    const address = `${name}${n + 1}@uni.test`;
    return {
      address,
      addressHash: addressHash(ctx.config.suppressionKey, address),
      topics,
      timeZone: slot.timeZone ?? 'UTC',
      sendHour: slot.sendHour ?? 7,
      weekdays: slot.weekdays ?? everyDay,
      maxPapers,
    };
  });
  const topicIds = await ensureTopics(ctx.db, topics);
  const usual = { timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 7 };
  await ctx.db
    .transaction()
    .execute((trx) => upsertSubscribers(trx, rows, { confirmed: true, topicIds, usual, now: ctx.now() }));
  const stored = await ctx.db
    .selectFrom('subscribers')
    .select(['id', 'address'])
    .where(
      'address',
      'in',
      rows.map((row) => row.address),
    )
    .orderBy('id')
    .execute();
  return stored.map(({ id, address }) => ({ id, address: address! }));
}

function paperOf(day: string, n: number, given: Partial<PaperRecord>): PaperRecord {
  const key = given.key ?? keyOf(day, n);
  const id = key.replace('arxiv:', '');
  return {
    key,
    title: `Robots that learn, part ${n} of ${day}`,
    abstract: 'We teach robots. They learn quickly. Experiments agree.',
    authors: ['Ada Example', 'Kenji Example'],
    url: `https://arxiv.org/abs/${id}`,
    listedOn: day,
    ...given,
  };
}
