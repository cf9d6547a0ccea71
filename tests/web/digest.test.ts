import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { elements, forged, openSite, readState, type Site, textOf, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;
let readerId: number;

const date = '2026-03-20';
const day = '2026-03-18';

beforeAll(async () => {
  ctx = await openTestContext({ now: `${date}T06:00:00Z` });
  site = openSite(ctx);
  await seedDay(ctx, day, [{ title: 'Robots & <towels>', votes: 9 }, { title: 'Robots that iron' }]);
  const [reader] = await seedReaders(ctx, 1, { name: 'viewer' });
  readerId = reader!.id;
  await planAndCompose(ctx, `${date}T07:00:00Z`);
  await deliverAll(ctx);
});
afterAll(() => ctx.close());

async function tastes() {
  return ctx.db.selectFrom('tastes').select(['subscriber_id', 'says']).execute();
}

test('view in browser shows the mail, with the links that manage the account blanked', async () => {
  const { status, headers, body } = await site.get(`/digest/${tokenFor(ctx, 'digest', readerId, date)}`);
  expect(status).toBe(200);
  expect(body).toContain('Robots that iron');
  expect(body).not.toContain('<towels>');
  expect(body).not.toContain('viewer1@');
  const ours = elements(body, 'a').filter((link) => link['href']?.startsWith(ctx.config.publicUrl));
  expect(ours.length).toBeGreaterThan(3);
  for (const link of ours)
    expect(link['href']).toMatch(/\/(preferences|unsubscribe|digest|taste)\/in-your-mail/);
  const policy = headers.get('content-security-policy')!;
  expect(policy).toContain("img-src 'self' data:");
  expect(policy).not.toContain('script-src');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});

test('a digest’s link opens one digest and no other', async () => {
  const token = tokenFor(ctx, 'digest', readerId, date);
  for (const wrong of [
    forged(token),
    token.replace('20260320', '20260319'),
    tokenFor(ctx, 'digest', readerId, '2026-03-19'),
    tokenFor(ctx, 'preferences', readerId),
    'in-your-mail',
  ]) {
    const { status, title } = await site.get(`/digest/${wrong}`);
    expect([status, title]).toEqual([404, 'This digest is not here']);
  }
});

test('the taste link of a digest shows the paper and one button; only the button counts', async () => {
  const path = `/taste/${tokenFor(ctx, 'taste', readerId, date)}`;
  const key = keyOf(day, 0);
  const before = await readState(ctx);
  const shown = await site.get(`${path}?paper=${encodeURIComponent(key)}&say=more`);
  expect([shown.status, shown.title]).toEqual([200, 'Robots & <towels>']);
  expect(elements(shown.body, 'button')).toHaveLength(1);
  const fields = Object.fromEntries(
    elements(shown.body, 'input').map((input) => [input['name']!, input['value']!]),
  );
  expect(fields).toEqual({ paper: key, say: 'more' });
  expect(await readState(ctx)).toEqual(before);

  for (let time = 0; time < 2; time++) {
    const noted = await site.post(path, fields);
    expect([noted.status, noted.title]).toEqual([200, 'More of these will come']);
    expect(await tastes()).toEqual([{ subscriber_id: readerId, says: 'more' }]);
  }
  expect((await site.post(path, { paper: key, say: 'less' })).title).toBe('Fewer of these will come');
  expect(await tastes()).toEqual([{ subscriber_id: readerId, says: 'less' }]);

  const takenBack = await site.post(path, { paper: key, say: 'none' });
  expect(takenBack.title).toBe('Taken back');
  expect(await tastes()).toEqual([]);
});

test('a taste link that names no wish, as in a mail’s text, offers both, and still only a button counts', async () => {
  const path = `/taste/${tokenFor(ctx, 'taste', readerId, date)}?paper=${keyOf(day, 0)}`;
  const shown = await site.get(path);
  expect([shown.status, shown.title]).toEqual([200, 'Robots & <towels>']);
  const says = elements(shown.body, 'input').filter(({ name }) => name === 'say');
  expect(says.slice(0, 2).map(({ value }) => value)).toEqual(['more', 'less']);
  expect((await site.post(path)).status).toBe(404);
  expect(await tastes()).toEqual([]);
});

test('a taste link without a known paper or a known wish says so', async () => {
  const path = `/taste/${tokenFor(ctx, 'taste', readerId, date)}`;
  const key = encodeURIComponent(keyOf(day, 0));
  for (const query of [
    '',
    '?say=more',
    `?paper=${key}&say=love`,
    '?paper=arxiv:0&say=less',
    '?paper=%00&say=more',
  ]) {
    const { status, title } = await site.get(path + query);
    expect([status, title]).toEqual([404, 'Which paper?']);
    expect((await site.post(path + query)).status).toBe(404);
  }
  const passedOn = await site.get(`/taste/in-your-mail?paper=${key}&say=more`);
  expect(passedOn.status).toBe(404);
  expect(textOf(passedOn.body)).toContain('stem from a mail that was passed on');
  expect(await tastes()).toEqual([]);
});
