import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { openSite, readState, type Site, textOf, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;
let path: string;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  site = openSite(ctx);
  await seedDay(ctx, '2026-03-01', [{ title: 'Robots of old' }]);
  await seedDay(ctx, '2026-03-18', [
    { title: 'Robots that fold <towels>', votes: 90 },
    { title: 'Robots that sweep', abstract: 'Brooms.', votes: 1 },
    { title: 'Protein folding without a teacher', abstract: 'Protein folding, at last.', votes: 5 },
    { title: 'Robots that paint', abstract: 'Brushes.', votes: 5 },
  ]);
  await seedDay(ctx, '2026-03-20', [{ title: 'Robots of today' }], { state: 'partial' });
  const [reader] = await seedReaders(ctx, 1, { topics: ['robots'], maxPapers: 1 });
  await ctx.pool.query(
    `insert into tastes (subscriber_id, paper_id, says) select $1, id, 'less' from papers where title = 'Robots that paint'`,
    [reader!.id],
  );
  path = `/preferences/${tokenFor(ctx, 'preferences', reader!.id)}`;
});
afterAll(() => ctx.close());

const idOf = (day: string, n: number) => keyOf(day, n).replace('arxiv:', '');

test.each([
  ['the paper that comes', idOf('2026-03-18', 0), 'It comes: it is number 1'],
  [
    'one behind, by its address',
    `https://arxiv.org/abs/${idOf('2026-03-18', 1)}v2`,
    'It is number 2 for you',
  ],
  [
    'one of no topic, by our own page',
    `http://localhost:3000/paper/${keyOf('2026-03-18', 2)}`,
    'It matches none of your topics',
  ],
  ['one refused', idOf('2026-03-18', 3), 'You asked to see less of it'],
  ['one of long ago', idOf('2026-03-01', 0), 'more than two weeks ago'],
  ['one of today', idOf('2026-03-20', 0), 'whose day is not over yet'],
  ['one nobody knows', '2511.20462', 'We do not know that paper'],
  ['one by its title', 'Robots that sweep', 'It is number 2 for you'],
  [
    'one by its title in other letters and spaces',
    ' ROBOTS  that Fold <towels> ',
    'It comes: it is number 1',
  ],
  ['one by its title, of long ago', 'robots of old', 'more than two weeks ago'],
  ['one by most of its title', 'folding proteins without teachers', 'It matches none of your topics'],
  ['words of a title that hold for several', 'that robots', 'Several papers fit. Which one do you mean?'],
  ['a title of words that every text has', 'of the and', 'We do not know that paper'],
  ['a title that only shares a word', 'Robots reading mail', 'We do not know that paper'],
  ['no paper at all', '"><script>alert(1)</script>', 'We do not know that paper'],
])('%s is answered', async (_, asked, answer) => {
  const { status, body } = await site.get(`${path}/why-not?paper=${encodeURIComponent(asked)}`);
  expect(status).toBe(200);
  expect(textOf(body)).toContain(answer);
  expect(body).not.toContain('<script>alert');
});

test('where several papers fit, each is named and leads to its answer', async () => {
  const { body } = await site.get(`${path}/why-not?paper=robots`);
  const links = [...body.matchAll(/href="([^"]*why-not\?paper=[^"]+)"/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(2);
  const answers = await Promise.all(links.map((link) => site.get(link.replaceAll('&amp;', '&'))));
  for (const answer of answers) expect(textOf(answer.body)).not.toContain('Several papers fit');
  expect(answers.map((answer) => textOf(answer.body)).join()).toContain('It comes: it is number 1');
});

test('asking changes nothing, an empty question shows the form, a link that opens nothing says so', async () => {
  const before = await readState(ctx);
  await site.get(`${path}/why-not?paper=${idOf('2026-03-18', 1)}`);
  expect((await site.get(`${path}/why-not`)).body).toContain('name="paper"');
  expect((await site.get('/preferences/nonsense/why-not?paper=1')).status).toBe(404);
  expect((await site.get(path)).body).toContain(`${path}/why-not`);
  expect(await readState(ctx)).toEqual(before);
});
