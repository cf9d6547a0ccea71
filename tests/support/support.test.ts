import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestContext } from './context.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

let first: TestDatabase;
let second: TestDatabase;

beforeAll(async () => {
  [first, second] = await Promise.all([openTestDatabase(), openTestDatabase()]);
});

afterAll(() => Promise.all([first.close(), second.close()]));

test('each test database is migrated, and what one writes the other does not see', async () => {
  await first.db.insertInto('editions').values({ date: '2026-03-29' }).execute();
  expect(await first.db.selectFrom('editions').select('date').execute()).toEqual([{ date: '2026-03-29' }]);
  expect(await second.db.selectFrom('editions').select('date').execute()).toEqual([]);
});

test('the network is off', async () => {
  await expect(fetch('https://example.org/')).rejects.toMatchObject({ cause: { code: 'ENETUNREACH' } });
  await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({ cause: { code: 'ENETUNREACH' } });
});

test('a connection that is never given back makes close() fail', async () => {
  const careless = await openTestDatabase();
  const client = await careless.pool.connect();
  await expect(careless.close()).rejects.toThrow('1 connections were never given back');
  client.release();
  await careless.close();
});

test('a test context has a clock that stands still, real queues and a mailbox', async () => {
  const ctx = await openTestContext({ now: '2026-03-29T01:30:00Z' });
  expect(ctx.now().toISOString()).toBe('2026-03-29T01:30:00.000Z');
  ctx.setNow('2026-03-29T02:30:00Z');
  expect(ctx.now().toISOString()).toBe('2026-03-29T02:30:00.000Z');
  await ctx.queues.add('compose', { rangeId: 1 });
  expect(await ctx.queues.queue('compose').getWaitingCount()).toBe(1);
  expect(ctx.transport.identity).toBe('mailbox');
  await ctx.close();
});
