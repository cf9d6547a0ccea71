import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay } from '../support/seed.ts';
import { elements, openSite, readState, type Site, textOf } from './site.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  site = openSite(ctx);
  await syncCuratedTopics(ctx.db);
  await seedDay(ctx, '2026-02-27', [{ title: 'An older paper', abstract: 'Old.', votes: 3 }]);
  await seedDay(ctx, '2026-03-13', [{ title: 'Last week', abstract: 'Well known.', votes: 50 }]);
  await seedDay(ctx, '2026-03-18', [
    { title: 'Robot hands', votes: 5, abstract: 'Robot manipulation by robots. '.repeat(40) },
    { title: 'Protein folding', votes: 9, abstract: 'Proteins fold.' },
    { title: 'Robots in kitchens', votes: 4, abstract: 'Robots with grippers.' },
  ]);
  await seedDay(ctx, '2026-03-19', [
    {
      key: 'arxiv:hep-th/9901001',
      title: 'Strings <b>& all</b>',
      abstract: 'On strings.',
      votes: 7,
      authors: ['Ada Lovelace', 'Kenji Ito'],
      organization: 'CERN',
      categories: ['hep-th'],
      publishedAt: new Date('2026-03-19T00:00:00Z'),
    },
  ]);
});
afterAll(() => ctx.close());

function titles(html: string): string[] {
  return [...html.matchAll(/<article class="paper.*?<h2>(.*?)<\/h2>/gs)].map((found) => textOf(found[1]!));
}

test('a week has its papers by votes, a day’s are among them once, and its neighbours are where papers are', async () => {
  const { status, body } = await site.get('/papers/week/2026-W12');
  expect(status).toBe(200);
  expect(titles(body)).toEqual([
    'Protein folding',
    'Strings <b>& all</b>',
    'Robot hands',
    'Robots in kitchens',
  ]);
  const turns = elements(body, 'a').filter((link) => link['rel']);
  expect(turns.map((link) => link['href'])).toEqual(['/papers/week/2026-W11']);
  expect(titles((await site.get('/papers/week')).body)).toEqual(titles(body));
});

test('a month has its papers, and a quiet one is skipped on the way', async () => {
  const { body } = await site.get('/papers/month/2026-03');
  expect(titles(body)[0]).toBe('Last week');
  expect(elements(body, 'a').filter((link) => link['rel'])).toMatchObject([
    { href: '/papers/month/2026-02', rel: 'prev' },
  ]);
});

test('trending weighs votes by age: a fresh paper stands before an old one with more', async () => {
  expect(titles((await site.get('/papers/trending')).body)).toEqual([
    'Strings <b>& all</b>',
    'Protein folding',
    'Robot hands',
    'Last week',
    'Robots in kitchens',
  ]);
  expect(titles((await site.get('/papers/month/2026-03?sort=newest')).body).at(0)).toBe(
    'Strings <b>& all</b>',
  );
});

test('a topic narrows a list, and what has none of it says so', async () => {
  expect(titles((await site.get('/papers/week/2026-W12?topic=robotics')).body)).toEqual([
    'Robot hands',
    'Robots in kitchens',
  ]);
  const empty = await site.get('/papers/2026-03-19?topic=robotics');
  expect([empty.status, textOf(empty.body).includes('Nothing of this topic')]).toEqual([200, true]);
});

test.each([
  '/papers/week/2026-W54',
  '/papers/week/2027-W01',
  '/papers/month/2026-13',
  '/papers/month/2026-04',
  '/papers/week/2026-W12?sort=x',
  '/papers/week/2026-W12?page=2',
  '/papers/week/2026-W12?page=x',
  '/papers/week/2026-W12?topic=nonsense',
  '/paper/arxiv:0000.00000',
  `/paper/${'x'.repeat(500)}`,
  '/paper/%00',
])('%s is no page', async (path) => {
  const { status, title } = await site.get(path);
  expect([status, title]).toEqual([404, 'There is no such page']);
});

test('a paper’s page has all of it: abstract, topics, listing, BibTeX, what is like it', async () => {
  const { status, body, title } = await site.get('/paper/arxiv:hep-th/9901001');
  expect([status, title]).toEqual([200, 'Strings <b>& all</b>']);
  const words = textOf(body);
  expect(words).toContain('Ada Lovelace, Kenji Ito · CERN');
  expect(words).toContain('Thursday, 19 March, Hugging Face');
  expect(words).toContain('@misc{lovelace2026strings,');
  const robot = await site.get(`/paper/${keyOf('2026-03-18', 0)}`);
  expect(textOf(robot.body)).toContain('Topics Robotics');
  expect(elements(robot.body, 'a').map((link) => link['href'])).toContain(
    `/subscribe?likes=${keyOf('2026-03-18', 0).slice('arxiv:'.length)}`,
  );
  expect(titles(robot.body)).toEqual(['Robots in kitchens']);
});

test('every link of a list leads to a page', async () => {
  const { body } = await site.get('/papers/week/2026-W12');
  const paths = elements(body, 'a')
    .map((link) => link['href']!)
    .filter((href) => href.startsWith('/'));
  for (const path of new Set(paths)) expect([path, (await site.get(path)).status]).toEqual([path, 200]);
});

test.each([
  ['robot', ['Robot hands', 'Robots in kitchens']],
  ['"protein folding"', ['Protein folding']],
  ['robots -gripper topic:robotics', ['Robot hands']],
  ['author:lovelace', ['Strings <b>& all</b>']],
  ['author:"ada love"', ['Strings <b>& all</b>']],
  ['author:"lovelace kenji"', []],
  ['author:???', []],
  ['org:cern', ['Strings <b>& all</b>']],
  ['org:%', []],
  ['author:ada after:2026-03-19', ['Strings <b>& all</b>']],
  ['author:ada before:2026-03-01', ['An older paper']],
])('a search for %s finds %j', async (query, found) => {
  const { status, body } = await site.get(`/search?q=${encodeURIComponent(query)}`);
  expect(status).toBe(200);
  expect(titles(body).toSorted()).toEqual(found.toSorted());
});

test('a search for words can be followed, and one for a name, a house or a category; not for two things at once', async () => {
  const links = async (query: string) =>
    elements((await site.get(`/search?q=${encodeURIComponent(query)}`)).body, 'a').map(
      (link) => link['href']!,
    );
  expect(await links('"world model" -video')).toContain('/subscribe?phrases=%22world+model%22+-video');
  expect(await links('author:"Ada Lovelace" -robots')).toContain(
    '/subscribe?phrases=author%3A+Ada+Lovelace+-robots',
  );
  expect(await links('category:cs.ro')).toContain('/subscribe?phrases=category%3A+cs.RO');
  expect(
    (await links('author:"Ada Lovelace" robots')).filter((href) => href.startsWith('/subscribe')),
  ).toEqual([]);
  const form = await site.get('/subscribe?phrases=%22world+model%22+-video&topics=robotics');
  expect(textOf(form.body)).toContain('"world model" -video');
  expect(elements(form.body, 'input').find((input) => input['value'] === 'robotics')).toHaveProperty(
    'checked',
  );
});

test('what can not be found is said, and what is hostile is shown as text', async () => {
  expect(textOf((await site.get('/search?q=the')).body)).toContain('These words are in nearly every paper');
  expect(textOf((await site.get('/search?q=after:never')).body)).toContain('“never” is no date');
  const { body } = await site.get(`/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
  expect(body).not.toContain('<script');
});

test('pages for everybody are kept for a minute, cost nothing when unchanged, and change nothing', async () => {
  const before = await readState(ctx);
  for (const path of [
    '/',
    '/papers/week',
    '/papers/trending',
    '/search?q=robot',
    '/paper/arxiv:hep-th/9901001',
  ]) {
    const { headers } = await site.get(path);
    expect([path, headers.get('cache-control')]).toEqual([path, 'public, max-age=60']);
    const again = await site.get(path, { 'if-none-match': headers.get('etag')! });
    expect([path, again.status, again.body]).toEqual([path, 304, '']);
  }
  expect(await readState(ctx)).toEqual(before);
});
