import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { prepared } from '../../src/db/prepared.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  database = await openTestDatabase();
  pool = openPool(database.databaseUrl, { max: 1, applicationName: 'prepared statements' });
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

test('a connection parses a marked statement once, whatever it is asked with, and keeps no other', async () => {
  const db = openDatabase(pool);
  for (const given of [1, 2, 3]) {
    const { rows } = await sql<{ next: number }>`${prepared} select ${given}::int + 1 next`.execute(db);
    expect(rows).toEqual([{ next: given + 1 }]);
    await sql`select ${given}::int`.execute(db);
  }
  const { rows } = await sql<{ statement: string; asked: number }>`
    select statement, (generic_plans + custom_plans)::int asked from pg_prepared_statements`.execute(db);
  expect(rows).toEqual([{ statement: expect.stringContaining('select $1::int + 1 next'), asked: 3 }]);
});

test('two marked statements of one connection are not taken for each other', async () => {
  const db = openDatabase(pool);
  const [one, other] = await Promise.all([
    sql<{ n: number }>`${prepared} select ${1}::int n`.execute(db),
    sql<{ n: number }>`${prepared} select ${1}::int + 1 n`.execute(db),
  ]);
  expect([one.rows, other.rows]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
});
