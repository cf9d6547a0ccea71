import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { selectPapers } from '../../src/pipeline/selection.ts';
import { readMeanings } from '../../src/pipeline/meanings.ts';
import { readRangeReaders } from '../../src/db/readers.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { type EmbeddingsServer, openEmbeddingsServer } from '../support/embeddings-server.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

const morning = new Date('2026-03-20T07:00:00Z');
const day = '2026-03-19';
let server: EmbeddingsServer;
let ctx: TestContext;
let plain: TestContext;

beforeAll(async () => {
  server = await openEmbeddingsServer([/robot|manipulator/gi, /protein/gi]);
  ctx = await openTestContext({
    env: { EMBEDDINGS_BASE_URL: server.baseUrl, EMBEDDINGS_MODEL: 'small' },
  });
  plain = await openTestContext({ beside: ctx });
});
afterAll(async () => {
  await plain.close();
  await ctx.close();
  await server.close();
});
beforeEach(() => wipe(ctx));
afterEach(() => {
  server.answerWith(undefined);
  server.asked.length = 0;
});

async function seed(): Promise<void> {
  await seedDay(ctx, day, [
    { title: 'Manipulators that grasp, by manipulators', abstract: 'A manipulator learns.', votes: 20 },
    { title: 'Robots in warehouses', abstract: 'Robots carry.', votes: 5 },
    { title: 'On robots and proteins', abstract: 'Protein after protein.', votes: 5 },
    { title: 'Proteins fold', abstract: 'A protein.', votes: 50 },
  ]);
  await seedReaders(ctx, 1, { maxPapers: 5, topics: ['robots'] });
}

async function chosen(from: TestContext): Promise<string[]> {
  const { index } = await from.indexes.at(morning);
  const { rows } = await from.pool.query<{ id: number; slot_id: number }>(
    'select id, slot_id from subscribers',
  );
  const [reader] = await readRangeReaders(from.db, {
    id: 0,
    editionDate: '2026-03-20',
    slotIds: [rows[0]!.slot_id],
    fromId: 0,
    toId: 1e9,
    madeAt: morning,
  } as never);
  const { rows: papers } = await from.pool.query<{ id: number; key: string }>('select id, key from papers');
  const keys = new Map(papers.map(({ id, key }) => [id, key]));
  return selectPapers(reader!, index, []).map(({ paperId }) => keys.get(paperId)!);
}

test('a paper that means the same in other words comes, and only where a model is configured', async () => {
  await seed();
  expect(await readMeanings(ctx)).toBe(5);
  expect(await chosen(plain)).not.toContain(keyOf(day, 0));
  const found = await chosen(ctx);
  expect(found).toContain(keyOf(day, 0));
  expect(found).not.toContain(keyOf(day, 3));
});

test('nothing is asked twice, and a changed title is asked again', async () => {
  await seed();
  await readMeanings(ctx);
  expect(await readMeanings(ctx)).toBe(0);
  await ctx.pool.query(
    `update papers set title = 'Robots in hospitals' where title = 'Robots in warehouses'`,
  );
  expect(await readMeanings(ctx)).toBe(1);
  expect(server.asked.at(-1)!.input[0]).toContain('Robots in hospitals');
});

test('without a model nothing is asked, and a server that is away leaves ranking by words', async () => {
  await seed();
  expect(await readMeanings(plain)).toBe(0);
  expect(server.asked).toEqual([]);
  server.answerWith({ status: 503, body: '' });
  expect(await readMeanings(ctx)).toBe(0);
  expect(await chosen(ctx)).toEqual(await chosen(plain));
});
