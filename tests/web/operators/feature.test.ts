import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewDigest } from '../../../src/pipeline/preview.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../../support/seed.ts';
import { openSite, readState, textOf } from '../site.ts';
import { openOperatorSite, type OperatorSite } from './operator.ts';

const day = '2026-03-19';
const path = '/operators/papers/feature';
const note = 'Read the <ablations> & look at figure 3.';
let ctx: TestContext;
let site: OperatorSite;
let readerId: number;
beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  await seedDay(ctx, day, [{ votes: 9 }, { votes: 8 }, { title: 'On sonnets', abstract: 'Poems rhyme.' }]);
  readerId = (await seedReaders(ctx, 1))[0]!.id;
  site = openOperatorSite(ctx);
});
afterAll(() => ctx.close());

async function digest() {
  const preview = await previewDigest(ctx, readerId);
  if (!preview || !('papers' in preview)) throw new Error('There is no digest.');
  return preview;
}

test('a featured paper overtakes one nearly as good, with the note beside it and a word on why', async () => {
  const [first, second] = [keyOf(day, 0), keyOf(day, 1)];
  expect((await digest()).papers.map(({ key }) => key)).toEqual([first, second]);
  await site.press(path, { key: second, day, note: `  ${note} ` });

  const { papers, html, text } = await digest();
  expect(papers.map(({ key }) => key)).toEqual([second, first]);
  expect(papers[0]!.why).toContain('an editor’s pick');
  expect(papers[1]!.why).not.toContain('editor');
  expect(textOf(html)).toContain(`From the editor: ${note}`);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(`From the editor: ${note}`);
  expect(textOf((await openSite(ctx).get(`/paper/${second}`)).body)).toContain(note);
  expect(textOf((await site.get('/operators/papers')).body)).toContain(`Featured: ${note}`);
});

test('it comes to nobody whose topics it does not match', async () => {
  const sonnets = keyOf(day, 2);
  await site.press(path, { key: sonnets, day, note: 'Even so.' });
  expect((await digest()).papers.map(({ key }) => key)).not.toContain(sonnets);
});

test('ended, everything is as it was, and the log has both', async () => {
  const second = keyOf(day, 1);
  expect((await site.get(`${path}?key=${second}&day=${day}`)).body).toContain('Feature it no longer');
  await site.press(path, { key: second, day, note, do: 'end' });
  expect((await digest()).papers.map(({ key }) => key)).toEqual([keyOf(day, 0), second]);
  expect((await digest()).html).not.toContain('From the editor');
  expect(textOf((await site.get('/operators/log')).body)).toMatch(
    new RegExp(`featured a paper no longer ${second} .*featured a paper ${second}`),
  );
});

test('without a note, with one too long, or without a paper, nothing is featured', async () => {
  const before = await readState(ctx);
  const key = keyOf(day, 0);
  expect((await site.post(path, { key, note: ' \u200b' })).status).toBe(422);
  const long = await site.post(path, { key, note: 'x'.repeat(281) });
  expect(textOf(long.body)).toContain('At most 280 characters, please; these are 281.');
  expect((await site.post(path, { key: 'none', note })).status).toBe(404);
  expect((await site.get(`${path}?key=none`)).status).toBe(404);
  expect((await site.get(`${path}?key=${key}`)).status).toBe(200);
  expect(await readState(ctx)).toEqual(before);
});
