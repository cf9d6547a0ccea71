import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressHash } from '../../src/domain/address.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { elements, forged, openSite, readState, type Site, textOf, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ delivers: false });
  site = openSite(ctx);
});
afterAll(() => ctx.close());

async function find(address: string) {
  return ctx.db.selectFrom('subscribers').selectAll().where('address', '=', address).executeTakeFirst();
}

async function noticesOf(subscriberId: number): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('notices')
    .select('kind')
    .where('subscriber_id', '=', subscriberId)
    .orderBy('id')
    .execute();
  return rows.map(({ kind }) => kind);
}

test('an address alone is enough: it waits unconfirmed, with a confirmation on its way', async () => {
  const answer = await site.post('/subscribe', { email: ' Ada@Uni.test ' });
  expect([answer.status, answer.title]).toEqual([200, 'Look in your inbox']);
  const ada = await find('ada@uni.test');
  expect(ada).toMatchObject({ status: 'unconfirmed', max_papers: 7 });
  expect(await noticesOf(ada!.id)).toEqual(['confirm']);
});

test('the choices of the form wait for the confirmation, and count from there', async () => {
  await site.post('/subscribe', {
    email: 'kenji@uni.test',
    topics: ['robotics', 'agents'],
    phrases: 'world model\nflow matching',
    time_zone: 'Asia/Tokyo',
    send_hour: '6',
    weekdays_shown: '1',
    weekdays: ['1', '3'],
    max_papers: '12',
  });
  const kenji = (await find('kenji@uni.test'))!;
  const path = `/confirm/${tokenFor(ctx, 'confirm', kenji.id)}`;

  const before = await readState(ctx);
  const shown = await site.get(path);
  expect(shown.title).toBe('One press, and it begins');
  expect(textOf(shown.body)).toContain('to k•••@uni.test at 06:00 in Tokyo on Mondays and Wednesdays');
  expect(elements(shown.body, 'button')).toEqual([{ class: 'large' }]);
  await site.request(path, { method: 'HEAD' });
  expect(await readState(ctx)).toEqual(before);

  const confirmed = await site.post(path);
  expect([confirmed.status, confirmed.title]).toEqual([200, 'You are subscribed']);
  expect(textOf(confirmed.body)).toMatch(/Your next digest comes .*, at 06:00 in Tokyo\./);
  expect(await find('kenji@uni.test')).toMatchObject({ status: 'active', max_papers: 12 });
  const follows = await ctx.db
    .selectFrom('follows')
    .innerJoin('topics', 'topics.id', 'follows.topic_id')
    .select('topics.name')
    .where('subscriber_id', '=', kenji.id)
    .orderBy('topics.name')
    .execute();
  expect(follows.map(({ name }) => name)).toEqual(['Agents', 'Flow matching', 'Robotics', 'world model']);

  const preferences = elements(confirmed.body, 'a').find((link) => link['href']?.startsWith('/preferences/'));
  expect((await site.get(preferences!['href']!)).status).toBe(200);
  expect((await site.post(path)).title).toBe('You are subscribed');
  expect((await site.get(path)).title).toBe('You are subscribed');
  expect(await noticesOf(kenji.id)).toEqual(['confirm', 'welcome']);
});

test('the answer is the same for the new, the known and the suppressed', async () => {
  const hash = addressHash(ctx.config.suppressionKey, 'gone@uni.test');
  await ctx.db
    .insertInto('suppressions')
    .values({ address_hash: hash, reason: 'complaint', origin: 'webhook', detail: null })
    .execute();
  const pages = [];
  for (const email of ['kenji@uni.test', 'fresh@uni.test', 'gone@uni.test']) {
    const answer = await site.post('/subscribe', { email });
    pages.push([answer.status, answer.body.replaceAll(email, 'ADDRESS'), ...answer.headers]);
  }
  expect(pages[1]).toEqual(pages[0]);
  expect(pages[2]).toEqual(pages[0]);
  expect(await find('gone@uni.test')).toBeUndefined();
  expect(await noticesOf((await find('kenji@uni.test'))!.id)).toContain('link');
});

test('what is no address is shown again with a fault by the field, and nothing is stored', async () => {
  const before = await readState(ctx);
  for (const email of [
    '',
    'nobody',
    'a@b',
    'a b@uni.test',
    '"><script>@uni.test',
    'x@uni.test\r\nBcc: y@uni.test',
  ]) {
    const answer = await site.post('/subscribe', { email, phrases: 'kept words' });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatch(/<p class="fault" id="email-fault">/);
    expect(answer.body).toContain('kept words');
    expect(answer.body).not.toContain('<script>');
  }
  expect(await readState(ctx)).toEqual(before);
});

test('a program that fills the hidden field gets the same page, and nothing happens', async () => {
  const before = await readState(ctx);
  const answer = await site.post('/subscribe', { email: 'robot@uni.test', website: 'https://spam.test' });
  expect(answer.title).toBe('Look in your inbox');
  expect(await readState(ctx)).toEqual(before);
});

test('one network may not send forms without end', async () => {
  const flooded = openSite(ctx);
  const statuses = new Set<number>();
  for (let n = 0; n < 70; n++)
    statuses.add(
      (await flooded.post('/subscribe', { email: 'ada@uni.test' }, { 'x-forwarded-for': '192.0.2.1' }))
        .status,
    );
  expect([...statuses]).toEqual([200, 429]);
});

test('a confirmation link that is forged or of another purpose confirms nothing', async () => {
  await site.post('/subscribe', { email: 'lucia@uni.test' });
  const lucia = (await find('lucia@uni.test'))!;
  const token = tokenFor(ctx, 'confirm', lucia.id);
  for (const wrong of [
    forged(token),
    tokenFor(ctx, 'preferences', lucia.id),
    tokenFor(ctx, 'confirm', 999_999),
  ]) {
    expect((await site.post(`/confirm/${wrong}`)).status).toBe(404);
    expect((await site.get(`/confirm/${wrong}`)).status).toBe(404);
  }
  expect(await find('lucia@uni.test')).toMatchObject({ status: 'unconfirmed' });
});

test('a preview says what the choices would bring and how much of each there was, and keeps nothing', async () => {
  const papers = Array.from({ length: 14 }, (_, n) => ({
    title: `Garden robots, part ${n}`,
    abstract: 'Robots.',
  }));
  await seedDay(ctx, '2026-03-18', papers);
  const before = await readState(ctx);
  const wish = { phrases: 'garden robots\nunheard of', authors: 'Ada Example', do: 'preview' };
  const { status, title, body } = await site.post('/subscribe', wish);
  expect([status, title]).toEqual([200, 'What you would get']);
  expect(elements(body, 'ol').map((list) => list['class'])).toEqual(['would-be']);
  expect(textOf(body)).toContain(
    'Papers a day in the last week: garden robots 2, unheard of none, by Ada Example 2.',
  );
  const after = await readState(ctx);
  // The form is counted, by its network; nothing else is there.
  expect({ ...after, rate_limits: '' }).toEqual({ ...before, rate_limits: '' });
});
