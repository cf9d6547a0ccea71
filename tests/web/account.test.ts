import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addressHash } from '../../src/domain/address.ts';
import { findById } from '../../src/db/subscribers.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { dumpDatabase } from '../support/dump.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt } from '../support/steps.ts';
import { elements, openSite, readState, type Site, textOf, tokenFor } from './site.ts';
import { readMails } from '../support/mails.ts';

let ctx: TestContext;
let site: Site;
let readerId: number;
let address: string;
let number = 0;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  site = openSite(ctx);
  await seedDay(ctx, '2026-03-18', 2);
});
afterAll(() => ctx.close());
beforeEach(async () => {
  const [reader] = await seedReaders(ctx, 1, { name: `owner${(number += 1)}-` });
  readerId = reader!.id;
  address = reader!.address;
});

/** The path behind the newest mail's button, once what waits is delivered. */
async function mailedPath(to: string, part: string): Promise<string> {
  const { rows } = await sql<{ id: number }>`select id from notices where state = 'composed'`.execute(ctx.db);
  for (const { id } of rows) expect(await attempt(ctx, { noticeId: id })).toBeUndefined();
  const { text } = (await readMails(ctx.db, to))[0]!;
  return new URL(new RegExp(`https?://\\S+/${part}/\\S+`).exec(text)![0]).pathname;
}

/** Asks on the preferences page, and opens what comes. */
async function accountPath(): Promise<string> {
  const path = `/preferences/${tokenFor(ctx, 'preferences', readerId)}`;
  expect((await site.post(path, { do: 'account' })).headers.get('location')).toBe(`${path}?mailed`);
  return mailedPath(address, 'account');
}

test('the link to one’s data comes by mail, shows what can be done, and does nothing by itself', async () => {
  const path = await accountPath();
  const before = await readState(ctx);
  const { status, title, body, headers } = await site.get(path);
  expect([status, title]).toEqual([200, 'Your address and your data']);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).not.toContain(address);
  await site.request(path, { method: 'HEAD' });
  expect(await readState(ctx)).toEqual(before);
});

test('it ends after a day, and other tokens do not open it', async () => {
  const old = tokenFor(ctx, 'account', readerId, '2020-01-01');
  const other = tokenFor(ctx, 'preferences', readerId);
  for (const token of [old, other, 'x']) {
    expect((await site.get(`/account/${token}`)).status).toBe(404);
    expect((await site.post(`/account/${token}`, { do: 'erase', sure: 'yes' })).status).toBe(404);
  }
  expect((await findById(ctx.db, readerId))?.status).toBe('active');
});

test('everything kept can be downloaded as JSON', async () => {
  const answer = await site.post(await accountPath(), { do: 'export' });
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="broadsheet.json"');
  expect(JSON.parse(answer.body)).toMatchObject({
    email: address,
    topics: ['robots'],
    digests: [],
    muted: [],
  });
});

test('erasing asks once more, and then leaves no trace but the keyed hash', async () => {
  const path = await accountPath();
  expect((await site.post(path, { do: 'erase' })).title).toBe('Erase everything?');
  expect((await findById(ctx.db, readerId))?.status).toBe('active');
  expect((await site.post(path, { do: 'erase', sure: 'yes' })).title).toBe('Everything is erased');
  const lines = (await dumpDatabase(ctx)).filter((line) => line.toLowerCase().includes(address));
  expect(lines).toEqual([]);
  const row = await ctx.db
    .selectFrom('suppressions')
    .select(['reason', 'origin'])
    .where('address_hash', '=', addressHash(ctx.config.suppressionKey, address))
    .executeTakeFirst();
  expect(row).toEqual({ reason: 'erased', origin: 'reader' });
  expect((await site.get(path)).status).toBe(404);
});

test('a new address is asked first; then mail goes there, and older links end', async () => {
  const path = await accountPath();
  const fresh = `fresh${number}@uni.test`;
  const asked = await site.post(path, { do: 'move', email: `Fresh${number}@Uni.test` });
  expect(asked.title).toBe('Look in the other inbox');
  expect((await findById(ctx.db, readerId))?.address).toBe(address);

  const move = await mailedPath(fresh, 'move');
  const before = await readState(ctx);
  expect((await site.get(move)).title).toBe('Use this address?');
  expect(await readState(ctx)).toEqual(before);
  const moved = await site.post(move);
  expect(moved.title).toBe('Your digest has moved');
  expect(await findById(ctx.db, readerId)).toMatchObject({
    address: fresh,
    addressVersion: 2,
    pendingAddress: null,
  });
  expect((await site.get(`/preferences/${tokenFor(ctx, 'preferences', readerId)}`)).status).toBe(404);
  expect((await site.get(`/unsubscribe/${tokenFor(ctx, 'unsubscribe', readerId)}`)).status).toBe(200);
  const link = elements(moved.body, 'a').find(({ href }) => href?.startsWith('/preferences/'))!;
  expect((await site.get(link['href']!)).status).toBe(200);
  expect((await site.post(move)).status).toBe(404);
});

test('the link in a mail to one address never confirms another', async () => {
  const path = await accountPath();
  await site.post(path, { do: 'move', email: `one${number}@uni.test` });
  const first = await mailedPath(`one${number}@uni.test`, 'move');
  await site.post(path, { do: 'move', email: `two${number}@uni.test` });
  expect((await site.post(first)).status).toBe(404);
  expect((await findById(ctx.db, readerId))?.address).toBe(address);
});

test('an address that is taken or suppressed gets nothing, and the page says the same', async () => {
  const path = await accountPath();
  const [other] = await seedReaders(ctx, 1, { name: `taken${number}-` });
  const hash = addressHash(ctx.config.suppressionKey, `gone${number}@uni.test`);
  await ctx.db
    .insertInto('suppressions')
    .values({ address_hash: hash, reason: 'complaint', origin: 'webhook', detail: null })
    .execute();
  const pages = [];
  for (const email of [other!.address, `gone${number}@uni.test`, `free${number}@uni.test`]) {
    const answer = await site.post(path, { do: 'move', email });
    pages.push([answer.status, answer.body.replaceAll(email, 'ADDRESS')]);
  }
  expect([pages[1], pages[2]]).toEqual([pages[0], pages[0]]);
  const rows = await ctx.db
    .selectFrom('notices')
    .select('address')
    .where('subscriber_id', '=', readerId)
    .where('kind', '=', 'confirm')
    .execute();
  expect(rows).toEqual([{ address: `free${number}@uni.test` }]);
  expect((await site.post(path, { do: 'move', email: 'nobody' })).status).toBe(422);
});

test('a complaint is undone by the reader’s own link, and a bounce is not', async () => {
  const path = `/preferences/${tokenFor(ctx, 'preferences', readerId)}`;
  const hash = addressHash(ctx.config.suppressionKey, address);
  const suppressed = { address_hash: hash, origin: 'webhook' as const, detail: null };
  await ctx.db
    .updateTable('subscribers')
    .set({ confirmed_at: new Date() })
    .where('id', '=', readerId)
    .execute();
  await ctx.db
    .insertInto('suppressions')
    .values({ ...suppressed, reason: 'complaint' })
    .execute();
  expect(textOf((await site.get(path)).body)).toContain('A digest was marked as spam here');
  await site.post(path, { do: 'return' });
  expect(textOf((await site.get(path)).body)).toContain('Your next digest comes');

  await ctx.db
    .insertInto('suppressions')
    .values({ ...suppressed, reason: 'hard_bounce' })
    .execute();
  await site.post(path, { do: 'return' });
  expect(textOf((await site.get(path)).body)).toContain('Your mail server sent our mails back');
});

test('after thirty days an unsubscription is no longer undone from its page', async () => {
  const path = `/unsubscribe/${tokenFor(ctx, 'unsubscribe', readerId)}`;
  await ctx.db
    .updateTable('subscribers')
    .set({ confirmed_at: new Date() })
    .where('id', '=', readerId)
    .execute();
  await site.post(path, { do: 'leave' });
  expect(textOf((await site.get(path)).body)).toContain('This works for 30 days.');
  await sql`update subscribers set unsubscribed_at = now() - interval '31 days' where id = ${readerId}`.execute(
    ctx.db,
  );
  expect(textOf((await site.get(path)).body)).not.toContain('Start again');
  expect((await site.post(path, { do: 'return' })).title).toBe('Please subscribe anew');
});
