import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSuppressed, suppress } from '../../../src/db/suppressions.ts';
import { addressHash } from '../../../src/domain/address.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { elements, openSite, readState, textOf } from '../site.ts';
import { openOperatorSite, type OperatorSite } from './operator.ts';
import { readMails } from '../../support/mails.ts';

let ctx: TestContext;
let site: OperatorSite;
let readerId: number;
let poetId: number;
const address = 'reader1@uni.test';

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-19T06:00:00Z', env: { MAIL_RATE_PER_SECOND: '1000' } });
  await seedDay(ctx, '2026-03-18', 5);
  await seedDay(ctx, '2026-03-19', 5);
  readerId = (await seedReaders(ctx, 1))[0]!.id;
  poetId = (await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'], weekdays: 0b10000 }))[0]!
    .id;
  const joined = new Date('2026-03-10T09:00:00Z');
  await ctx.db.updateTable('subscribers').set({ created_at: joined, confirmed_at: joined }).execute();
  for (const day of ['2026-03-19', '2026-03-20']) {
    await planAndCompose(ctx, `${day}T07:00:00Z`);
    await deliverAll(ctx);
  }
  site = openOperatorSite(ctx);
});
afterAll(() => ctx.close());

const isSuppressed = async (who: string) =>
  (await findSuppressed(ctx.db, [addressHash(ctx.config.suppressionKey, who)])).size === 1;
const logOf = async () => textOf((await site.get('/operators/log')).body);

test('a reader is found by address in any spelling, and no address stands in the page’s own', async () => {
  for (const wanted of [address, ' READER1@uni.test ', String(readerId), `#${readerId}`]) {
    const answer = await site.post('/operators/subscribers', { address: wanted });
    expect(answer.headers.get('location')).toBe(`/operators/subscribers/${readerId}`);
  }
});

test('the page tells what became of every day, and why', async () => {
  const { title, body } = await site.get(`/operators/subscribers/${readerId}`);
  expect(title).toBe(address);
  expect(textOf(body)).toMatch(/Active\. The next digest is due 21 Mar, 07:00 UTC\./);
  expect(textOf(body)).toMatch(/Fri 2026-03-20 accepted 3 \d+ \w+, \d\d:\d\d UTC as mailed/);
  const poet = textOf((await site.get(`/operators/subscribers/${poetId}`)).body);
  expect(poet).toMatch(/Fri 2026-03-20 skipped No paper of their topics that they had not seen\./);
  expect(poet).toMatch(/Thu 2026-03-19 no digest Thursday is none of their days\./);
});

test('the exact mail of a day stands in a frame that may run nothing, its reader’s own links blanked', async () => {
  const rows = await readMails(ctx.db, address);
  const page = await site.get(`/operators/subscribers/${readerId}/mail/2026-03-20`);
  expect(page.title).toBe(rows[0]!.subject);
  const [frame] = elements(page.body, 'iframe');
  expect(frame!['sandbox']).toBe('allow-popups allow-popups-to-escape-sandbox');
  expect(page.headers.get('content-security-policy')).toContain("frame-src 'self'");

  const mail = await site.get(frame!['src']!);
  expect(mail.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
  expect(mail.headers.get('content-security-policy')).not.toContain('script-src');
  const blanked = (html: string) =>
    html.replaceAll(/\/(preferences|unsubscribe|digest|taste)\/[\w.-]+/g, '/$1/').replaceAll(/&#\d+;|@/g, '');
  const addressless = (html: string) =>
    blanked(html).replaceAll(/reader1uni\.test|readerbroadsheet\.invalid/g, '');
  expect(addressless(mail.body)).toBe(addressless(rows[0]!.html));
  expect((await site.get(`/operators/subscribers/${readerId}/mail/2026-03-01`)).status).toBe(404);
  expect((await site.get(`/operators/subscribers/${readerId}/mail/nonsense`)).status).toBe(404);
});

test('suppressing and releasing are undone by each other, and written down', async () => {
  const suppressed = await site.press('/operators/subscribers/suppress', { id: String(poetId) });
  expect(textOf(suppressed.body)).toContain('no mail: manual');
  expect(await isSuppressed('poet1@uni.test')).toBe(true);
  const released = await site.press('/operators/subscribers/release', { id: String(poetId) });
  expect(textOf(released.body)).toContain('Released: mail goes there again.');
  expect(textOf(released.body)).not.toContain('Resend');
  expect(textOf(released.body)).toMatch(/released by operator .*suppressed by operator/);
  expect(await isSuppressed('poet1@uni.test')).toBe(false);
  expect(await logOf()).toMatch(new RegExp(`released reader ${poetId} .*suppressed reader ${poetId}`));
});

test('a complaint is not for operators to undo, and the log does not claim that it was', async () => {
  const hash = addressHash(ctx.config.suppressionKey, 'poet1@uni.test');
  await suppress(ctx.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
  const before = await logOf();
  const answer = await site.press('/operators/subscribers/release', { id: String(poetId) });
  expect(textOf(answer.body)).toContain('Only the reader can undo this');
  expect(await isSuppressed('poet1@uni.test')).toBe(true);
  expect(await logOf()).toBe(before);
  const { body } = await site.get(`/operators/subscribers/${poetId}`);
  expect(textOf(body)).toContain('Only the reader can undo this, by subscribing again.');
  expect(textOf(body)).not.toContain('Let mail go there again');
});

test('an address that is no reader’s is suppressed and released all the same', async () => {
  const unknown = await site.post('/operators/subscribers', { address: 'nobody@uni.test' });
  expect([unknown.status, textOf(unknown.body)]).toEqual([
    404,
    expect.stringContaining('No reader has this address, and it is not suppressed.'),
  ]);
  await site.press('/operators/subscribers/suppress', { address: 'nobody@uni.test' });
  expect(await isSuppressed('nobody@uni.test')).toBe(true);
  const found = await site.post('/operators/subscribers', { address: 'nobody@uni.test' });
  expect(textOf(found.body)).toContain('manual, said by the operator');
  await site.press('/operators/subscribers/release', { address: 'nobody@uni.test' });
  expect(await isSuppressed('nobody@uni.test')).toBe(false);
  expect((await site.post('/operators/subscribers/suppress', { address: 'no address' })).status).toBe(404);
});

test('a form from another site, or without the password, does nothing', async () => {
  const outside = openSite(ctx);
  const fields = { id: String(readerId) };
  const origin = { origin: 'https://evil.test' };
  expect((await outside.post('/operators/subscribers/suppress', fields, origin)).status).toBe(403);
  expect((await outside.post('/operators/subscribers/suppress', fields)).status).toBe(401);
  expect(await isSuppressed(address)).toBe(false);
});

test('looking changes nothing, and neither does searching', async () => {
  const before = await readState(ctx);
  for (const path of [
    '',
    `/${readerId}`,
    `/${readerId}/mail/2026-03-20`,
    `/${readerId}/mail/2026-03-20/html`,
  ]) {
    await site.get(`/operators/subscribers${path}`);
  }
  await site.get('/operators/log');
  await site.post('/operators/subscribers', { address });
  expect(await readState(ctx)).toEqual(before);
});

test('erasing asks for the address first; afterwards only the number and the log are left', async () => {
  const path = `/operators/subscribers/${readerId}/erase`;
  const mistyped = await site.press(path, { address: 'reader2@uni.test' });
  expect(textOf(mistyped.body)).toContain('nothing was erased');
  expect(mistyped.title).toBe(address);

  const erased = await site.press(path, { address: ' Reader1@uni.test' });
  expect(erased.title).toBe(`Reader ${readerId} was erased`);
  expect(erased.body).not.toContain(address);
  expect(await logOf()).toContain(`asked to erase reader ${readerId}`);
  expect(await logOf()).not.toContain('@');
  const again = await site.post('/operators/subscribers', { address });
  expect(textOf(again.body)).toContain('erased');
  expect((await site.get(`/operators/subscribers/${readerId}/mail/2026-03-20`)).status).toBe(404);
});
