import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertSessions, openConnections, openPool } from '../../src/db/connect.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('a session finds our tables first, then those of the queues, and thinks in UTC', async () => {
  const { rows } = await database.pool.query(
    `select current_schemas(false)::text[] as schemas, current_setting('TimeZone') as zone`,
  );
  expect(rows[0]).toEqual({ schemas: ['broadsheet', 'bullmq', 'public'], zone: 'UTC' });
});

test('a date is text, so that no time zone can shift it', async () => {
  const { rows } = await database.pool.query(
    `select date '2026-03-29' as day, timestamptz '2026-03-29T00:30:00Z' as at`,
  );
  expect(rows[0]).toEqual({ day: '2026-03-29', at: new Date('2026-03-29T00:30:00Z') });
});

test('start-up options of the operator are kept', async () => {
  const url = new URL(database.databaseUrl);
  url.searchParams.set('options', '-c statement_timeout=4321');
  const pool = openPool(url.href, { max: 1, applicationName: 'options' });
  const { rows } = await pool.query(
    `select current_setting('statement_timeout') as a, current_schema() as b`,
  );
  expect(rows[0]).toEqual({ a: '4321ms', b: 'broadsheet' });
  await pool.end();
});

test('a lost connection fails its query and nothing else: the pool goes on', async () => {
  const client = await database.pool.connect();
  const gone = new Promise((resolve) => client.once('end', resolve));
  const { rows } = await client.query('select pg_backend_pid() as pid');
  await database.pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
  // Depending on who hears of it first, the client or the query, the words differ.
  await expect(client.query('select 1')).rejects.toThrow(/terminat|connection/i);
  await gone;
  client.release();
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('connections are opened ahead, as many as nobody else has and no more', async () => {
  const pool = openPool(database.databaseUrl, { max: 3, applicationName: 'ahead' });
  const held = await pool.connect();
  await openConnections(pool, 1);
  expect([pool.totalCount, pool.idleCount]).toEqual([2, 1]);
  await openConnections(pool, 5);
  expect([pool.totalCount, pool.idleCount]).toEqual([3, 2]);
  held.release();
  await pool.end();
});

test('what cannot be opened ahead is no error', async () => {
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/nothing', { max: 3, applicationName: 'nowhere' });
  await openConnections(nowhere, 2);
  expect(nowhere.totalCount).toBe(0);
  await nowhere.end();
});

test('a direct connection passes for sessions', async () => {
  await expect(assertSessions(database.pool)).resolves.toBeUndefined();
  const narrow = openPool(database.databaseUrl, { max: 1, applicationName: 'narrow' });
  await expect(assertSessions(narrow)).resolves.toBeUndefined();
  await narrow.end();
});

test('a pooler that shares sessions out is refused with a sentence', async () => {
  const shared = poolOf(() => 7);
  await expect(assertSessions(shared)).rejects.toThrow('pooler in transaction mode');
  let session = 0;
  const changing = poolOf(() => (session += 1));
  await expect(assertSessions(changing)).rejects.toThrow('pooler in transaction mode');
});

/** A stand-in for what a pooler shows: which session answers. */
function poolOf(session: () => number): pg.Pool {
  const client = () => ({
    query: () => Promise.resolve({ rows: [{ pid: session() }] }),
    release: () => undefined,
  });
  return { options: { max: 2 }, connect: () => Promise.resolve(client()) } as unknown as pg.Pool;
}
