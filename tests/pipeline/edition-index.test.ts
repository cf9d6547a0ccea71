import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordDayRead } from '../../src/db/source-days.ts';
import { ensureTopics } from '../../src/db/topics.ts';
import { openEditionIndexes, trendingTopicId } from '../../src/pipeline/edition-index.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

const moment = new Date('2026-03-20T07:00:00Z');

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ delivers: false })));
afterAll(() => ctx.close());
beforeEach(() => wipe(ctx));

async function keysAt(at: Date, indexes = openEditionIndexes(ctx.db)): Promise<string[]> {
  const { index } = await indexes.at(at);
  const ids = [...(index.topics.get(trendingTopicId)?.paperIds ?? [])];
  const rows = await ctx.db
    .selectFrom('papers')
    .select('key')
    .where('id', 'in', [0, ...ids])
    .orderBy('key')
    .execute();
  return rows.map(({ key }) => key);
}

test('an index is made once for the moments of one day, however many ask at once', async () => {
  await seedDay(ctx, '2026-03-19', 3);
  const indexes = openEditionIndexes(ctx.db);
  const made = await Promise.all([7, 8, 23].map((hour) => indexes.at(new Date(Date.UTC(2026, 2, 20, hour)))));
  expect(new Set(made).size).toBe(1);
});

test('it is made anew when papers, votes, matches or the state of a list change', async () => {
  await seedDay(ctx, '2026-03-19', 2, { state: 'partial' });
  const indexes = openEditionIndexes(ctx.db);
  const seen = [await indexes.at(moment)];
  const changes = [
    () => seedDay(ctx, '2026-03-18', 1),
    () => seedDay(ctx, '2026-03-19', [{ votes: 99 }], { state: 'partial' }),
    () => seedDay(ctx, '2026-03-19', [{ votes: 99 }], { state: 'complete' }),
    () => ensureTopics(ctx.db, ['robots that learn']),
  ];
  for (const change of changes) {
    await change();
    const now = await indexes.at(moment);
    expect(seen).not.toContain(now);
    seen.push(now);
  }
  expect(await indexes.at(moment)).toBe(seen.at(-1));
});

test('a loading that failed is tried again', async () => {
  await seedDay(ctx, '2026-03-19', 1);
  const indexes = openEditionIndexes(ctx.db);
  await sql`alter table matches rename to matches_away`.execute(ctx.db);
  await expect(indexes.at(moment)).rejects.toThrow('matches');
  await sql`alter table matches_away rename to matches`.execute(ctx.db);
  expect((await indexes.at(moment)).index.papers).toBe(1);
});

test('it says whether the newest list is partly read, and of which day it is', async () => {
  await seedDay(ctx, '2026-03-18', 1, { state: 'partial' });
  await seedDay(ctx, '2026-03-19', 1);
  expect(await openEditionIndexes(ctx.db).at(moment)).toMatchObject({
    partial: false,
    newestDay: '2026-03-19',
  });
  await seedDay(ctx, '2026-03-19', 1, { source: 'arxiv:cs.RO', state: 'partial' });
  expect(await openEditionIndexes(ctx.db).at(moment)).toMatchObject({ partial: true });
  expect(await openEditionIndexes(ctx.db).at(new Date('2026-01-01T00:00:00Z'))).toMatchObject({
    partial: false,
    newestDay: undefined,
    index: { papers: 0 },
  });
});

test('it names the sources whose list of the day before is not there', async () => {
  await seedDay(ctx, '2026-03-19', 1);
  for (const [source, state] of [
    ['arxiv:cs.RO', 'holiday'],
    ['arxiv:cs.CV', 'failed'],
  ] as const) {
    await recordDayRead(ctx.db, { source, day: '2026-03-19', state, readAt: moment });
  }
  await recordDayRead(ctx.db, { source: 'arxiv:cs.RO', day: '2026-03-18', state: 'stale', readAt: moment });
  expect((await openEditionIndexes(ctx.db).at(moment)).lacking).toEqual([
    { source: 'arxiv:cs.CV', state: 'failed' },
    { source: 'arxiv:cs.RO', state: 'holiday' },
  ]);
});

test('a paper listed on an unusable and on a usable day is a candidate', async () => {
  await seedDay(ctx, '2026-03-20', [{ key: 'arxiv:2603.11111' }, { key: 'arxiv:2603.22222' }]);
  await seedDay(ctx, '2026-03-19', [{ key: 'arxiv:2603.11111' }], { source: 'arxiv:cs.RO' });
  expect(await keysAt(moment)).toEqual(['arxiv:2603.11111']);
});

test('the window of fourteen days moves with the moment', async () => {
  await seedDay(ctx, '2026-03-06', 1);
  expect(await keysAt(moment)).toEqual([keyOf('2026-03-06', 0)]);
  expect(await keysAt(new Date('2026-03-20T23:59:59Z'))).toEqual([keyOf('2026-03-06', 0)]);
  expect(await keysAt(new Date('2026-03-21T00:00:00Z'))).toEqual([]);
});
