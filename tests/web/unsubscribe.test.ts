import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedReaders } from '../support/seed.ts';
import { elements, forged, openSite, readState, type Site, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;
let readerId: number;
let path: string;
let number = 0;

const oneClick = { 'List-Unsubscribe': 'One-Click' };

beforeAll(async () => {
  ctx = await openTestContext({ delivers: false });
  site = openSite(ctx);
});
afterAll(() => ctx.close());

beforeEach(async () => {
  const [reader] = await seedReaders(ctx, 1, { name: `leaver${(number += 1)}-` });
  readerId = reader!.id;
  path = `/unsubscribe/${tokenFor(ctx, 'unsubscribe', readerId)}`;
});

async function statusOf(id: number): Promise<string> {
  const row = await ctx.db.selectFrom('subscribers').select('status').where('id', '=', id).executeTakeFirst();
  return row!.status;
}

function multipart(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

test('a one-click POST unsubscribes, urlencoded or multipart: 200, short, no redirect, no cookie', async () => {
  for (const fields of [oneClick, multipart(oneClick)]) {
    const [reader] = await seedReaders(ctx, 1, { name: `clicker${(number += 1)}-` });
    const answer = await site.post(`/unsubscribe/${tokenFor(ctx, 'unsubscribe', reader!.id)}`, fields);
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBeLessThan(100);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await statusOf(reader!.id)).toBe('unsubscribed');
  }
});

test('a one-click POST may come many times, and also with a slash at the end', async () => {
  for (const variant of [path, `${path}/`, path]) {
    const answer = await site.post(variant, oneClick);
    expect([answer.status, answer.body]).toEqual([200, 'Unsubscribed.\n']);
  }
  expect(await statusOf(readerId)).toBe('unsubscribed');
});

test('a one-click POST is answered alike for readers who are unknown, and for links that are forged', async () => {
  const genuine = await site.post(path, oneClick);
  const unknown = tokenFor(ctx, 'unsubscribe', 999_999);
  for (const token of [unknown, forged(path.split('/')[2]!), 'nonsense', 'x'.repeat(3000)]) {
    const answer = await site.post(`/unsubscribe/${token}`, oneClick);
    expect([answer.status, answer.body]).toEqual([genuine.status, genuine.body]);
    expect([...answer.headers]).toEqual([...genuine.headers]);
  }
});

test('a forged link unsubscribes nobody', async () => {
  await site.post(forged(path), oneClick);
  await site.post(`/unsubscribe/${tokenFor(ctx, 'preferences', readerId)}`, oneClick);
  expect(await statusOf(readerId)).toBe('active');
});

test('a body that cannot be read, or none, still unsubscribes: the link says it all', async () => {
  const answer = await site.request(path, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: 'no parts at all',
  });
  expect(answer.status).toBe(200);
  expect(await statusOf(readerId)).toBe('unsubscribed');
});

test('a link from before the address changed still unsubscribes', async () => {
  await ctx.db.updateTable('subscribers').set({ address_version: 7 }).where('id', '=', readerId).execute();
  await site.post(path, oneClick);
  expect(await statusOf(readerId)).toBe('unsubscribed');
});

test('GET shows one button and changes nothing; nor do HEAD and OPTIONS', async () => {
  const before = await readState(ctx);
  const shown = await site.get(path);
  const head = await site.request(path, { method: 'HEAD' });
  const options = await site.request(path, { method: 'OPTIONS' });
  expect([shown.status, head.status, options.status]).toEqual([200, 200, 204]);
  expect(head.body).toBe('');
  expect(elements(shown.body, 'button')).toHaveLength(1);
  expect(elements(shown.body, 'form')).toEqual([{ method: 'post', class: 'act', action: path }]);
  expect(shown.body).not.toContain(`leaver${number}-1@`);
  expect(await readState(ctx)).toEqual(before);
});

test('the page’s button shows what happened, and undoing it brings everything back', async () => {
  const left = await site.post(path, { do: 'leave' });
  expect([left.status, left.title]).toEqual([200, 'You are unsubscribed']);
  expect(await statusOf(readerId)).toBe('unsubscribed');
  expect((await site.get(path)).title).toBe('You are unsubscribed');

  const back = await site.post(path, { do: 'return' });
  expect([back.status, back.title]).toEqual([200, 'Welcome back']);
  expect(await statusOf(readerId)).toBe('active');
});

test('a person with a broken link is told so, with a way to a fresh one', async () => {
  for (const answer of [
    await site.get('/unsubscribe/in-your-mail'),
    await site.post(forged(path), { do: 'leave' }),
  ]) {
    expect([answer.status, answer.title]).toEqual([404, 'This link does not open anything']);
    expect(elements(answer.body, 'form')[0]).toMatchObject({ action: '/subscribe' });
  }
});

test('its pages are kept nowhere, found nowhere, and tell nobody where they were', async () => {
  for (const answer of [
    await site.get(path),
    await site.post(path, oneClick),
    await site.get('/unsubscribe/x'),
  ]) {
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-robots-tag')).toBe('noindex');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  }
});
