import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEditionPapers } from '../../src/pipeline/card-papers.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());

let ids: number[];
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T07:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  const { rows } = await sql<{ id: number }>`select id from papers order by id`.execute(ctx.db);
  ids = rows.map(({ id }) => id);
});

const candidates = () => ctx.indexes.at(ctx.now());

test('a paper is read once for all digests of an edition, and the others when they are asked for', async () => {
  const of = await candidates();
  const first = (await readEditionPapers(ctx, of, ids.slice(0, 1))).get(ids[0]!);
  const all = await readEditionPapers(ctx, of, ids);
  expect(all.get(ids[0]!)).toBe(first);
  expect([...all.keys()].toSorted((a, b) => a - b)).toEqual(ids);
});

test('whatever changes a paper makes other candidates, and with those it is read again', async () => {
  const before = await readEditionPapers(ctx, await candidates(), ids);
  await seedDay(ctx, '2026-03-19', 4);
  const after = await readEditionPapers(ctx, await candidates(), ids);
  expect(after.get(ids[0]!)).not.toBe(before.get(ids[0]!));
  expect(after.get(ids[0]!)).toEqual(before.get(ids[0]!));
});
