import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPool } from '../../src/db/connect.ts';
import { assertSchema, migrate } from '../../src/db/migrate.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase({ migrated: false });
});
afterEach(() => database.close());

test('an empty database becomes ready, and a second time changes nothing', async () => {
  expect(await assertSchema(database.pool)).toBe('empty');
  expect((await migrate(database.pool)).applied).toContain('0001_first_edition');
  expect(await assertSchema(database.pool)).toBe('ready');
  expect(await migrate(database.pool)).toEqual({ applied: [] });
});

test('the tables of the queues are there too', async () => {
  await migrate(database.pool);
  const { rows } = await database.pool.query(`select to_regclass('bullmq.migration') is not null as there`);
  expect(rows).toEqual([{ there: true }]);
});

test('of several processes that migrate at once, one does it and all find it done', async () => {
  const pools = [1, 2, 3, 4].map((n) =>
    openPool(database.databaseUrl, { max: 1, applicationName: `process ${n}` }),
  );
  const results = await Promise.all(pools.map((pool) => migrate(pool)));
  expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  expect(await Promise.all(pools.map((pool) => assertSchema(pool)))).toEqual(Array(4).fill('ready'));
  await Promise.all(pools.map((pool) => pool.end()));
});

test('a newer database is refused with a sentence, by start and by migrate, and is left alone', async () => {
  await migrate(database.pool);
  await database.pool.query(
    `insert into broadsheet.kysely_migration (name, timestamp) values ('9999_from_the_future', '2030-01-01')`,
  );
  await expect(assertSchema(database.pool)).rejects.toThrow(
    'newer than this release: it has 9999_from_the_future',
  );
  await expect(migrate(database.pool)).rejects.toThrow('newer than this release');
});

test('a failed migration leaves the database as it was, and can be run again', async () => {
  await database.pool.query('create schema broadsheet; create table broadsheet.gates ()');
  await expect(migrate(database.pool)).rejects.toThrow('A migration failed');
  expect(await assertSchema(database.pool)).toBe('empty');
  await database.pool.query('drop table broadsheet.gates');
  expect((await migrate(database.pool)).applied).toContain('0001_first_edition');
});
