import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewDigest } from '../../../src/pipeline/preview.ts';
import { rejectionNote } from '../../../src/pipeline/rejection-note.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../../support/seed.ts';
import { openSite, readState, textOf } from '../site.ts';
import { openOperatorSite, type OperatorSite } from './operator.ts';

let ctx: TestContext;
let site: OperatorSite;
let readerId: number;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  await seedDay(ctx, '2026-03-18', 2);
  await seedDay(ctx, '2026-03-19', [{ votes: 9 }, {}, { title: 'On sonnets', abstract: 'Poems rhyme.' }]);
  await ctx.db.updateTable('source_days').set({ note: '2 records rejected: no title (2)' }).execute();
  readerId = (await seedReaders(ctx, 2))[0]!.id;
  site = openOperatorSite(ctx);
});
afterAll(() => ctx.close());

const chosen = async () => {
  const preview = await previewDigest(ctx, readerId);
  return preview && 'papers' in preview ? preview.papers.map(({ key }) => key) : [];
};

test('the lists stand day by day, with what was rejected and why', async () => {
  const { body } = await site.get('/operators/papers');
  expect(textOf(body)).toMatch(
    /Thu 2026-03-19 Hugging Face 3 complete .* 2 records rejected: no title \(2\)/,
  );
});

test('a day tells each paper’s topics, and which match none', async () => {
  const { body } = await site.get('/operators/papers/2026-03-19');
  expect(textOf(body)).toContain('3 papers; 1 match no topic.');
  expect(textOf(body)).toMatch(/On sonnets 0 Hugging Face none/);
});

test('a topic tells how many follow it, and what it matched', async () => {
  const { body } = await site.get('/operators/topics');
  const row = /robots<\/a>.*?<\/tr>/s.exec(body)![0];
  expect(textOf(row)).toBe('robots typed by readers 2 4 4');
  const path = /href="(\/operators\/topics\/\d+)">robots</.exec(body)![1]!;
  const topic = await site.get(path);
  expect(topic.title).toBe('robots');
  expect(textOf(topic.body)).toMatch(
    /19 March Robots that learn, part 0 of 2026-03-19 \d\.\d\d .*in the title/,
  );
  expect((await site.get('/operators/topics/999999')).status).toBe(404);
});

test('a hidden paper is in no digest and on no page any more, until it is shown again', async () => {
  const key = keyOf('2026-03-19', 0);
  const reader = openSite(ctx);
  expect(await chosen()).toContain(key);
  expect((await reader.get('/papers/2026-03-19')).body).toContain('part 0 of 2026-03-19');

  const hidden = await site.press('/operators/papers/hide', { key, day: '2026-03-19' });
  expect(textOf(hidden.body)).toContain('part 0 of 2026-03-19 · hidden');
  expect(await chosen()).not.toContain(key);
  expect((await reader.get('/papers/2026-03-19')).body).not.toContain('part 0 of 2026-03-19');
  expect((await reader.get(`/paper/${key}`)).status).toBe(404);
  expect((await reader.get('/search?q=learn')).body).not.toContain('part 0 of 2026-03-19');
  expect(textOf((await site.get('/operators/papers')).body)).toContain('Hidden by operators');

  await site.press('/operators/papers/show', { key });
  expect(await chosen()).toContain(key);
  const log = textOf((await site.get('/operators/log')).body);
  expect(log).toMatch(new RegExp(`showed a paper again ${key} .*hid a paper ${key}`));
});

test('hiding what is hidden, or what is no paper, changes nothing', async () => {
  const before = await readState(ctx);
  await site.press('/operators/papers/show', { key: keyOf('2026-03-19', 1) });
  await site.press('/operators/papers/hide', { key: 'arxiv:none' });
  for (const path of ['/papers', '/papers/2026-03-19', '/topics']) await site.get(`/operators${path}`);
  expect(await readState(ctx)).toEqual(before);
});

test('a note names the reasons, the most frequent first, and stays short', () => {
  const rejected = (...reasons: string[]) => reasons.map((reason, index) => ({ index, reason }));
  expect(rejectionNote([])).toEqual({});
  expect(rejectionNote(rejected('no id', 'no title', 'no title'))).toEqual({
    note: '3 records rejected: no title (2); no id',
  });
  expect(rejectionNote(rejected('a', 'b', 'c', 'd')).note).toBe('4 records rejected: a; b; c; and 1 more');
  expect(rejectionNote(rejected('x'.repeat(500))).note).toHaveLength(300);
});
