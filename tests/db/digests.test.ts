import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDigestPartition, insertDigests, type NewDigest } from '../../src/db/digests.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const date = '2025-12-12';
let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await ensureDigestPartition(database.db, date);
});
afterAll(() => database.close());

test('digests lie in their rows as they were given, whatever their addresses hold', async () => {
  const given = ["o'neil+papers@uni.test", 'a{b,c}@uni.test', 'null', 'back\\slash"quote'].map(
    (address, place): NewDigest => ({
      subscriberId: place + 1,
      batchId: 7,
      position: place,
      skipped: null,
      paperIds: place === 0 ? [] : [3, 1, 2],
      composition: Buffer.from([place, 255]),
      address,
      addressVersion: 2,
      keyId: 'null',
    }),
  );
  const skipped: NewDigest = {
    ...given[0]!,
    subscriberId: 9,
    batchId: null,
    position: null,
    skipped: 'nothing_new',
    composition: null,
    address: null,
    keyId: null,
  };
  await database.db.transaction().execute((trx) => insertDigests(trx, date, [...given, skipped]));
  const { rows } = await sql<NewDigest>`
    select subscriber_id "subscriberId", batch_id "batchId", position, skipped, paper_ids "paperIds",
      packed composition, address, address_version "addressVersion", key_id "keyId"
    from digests where local_date = ${date} order by subscriber_id`.execute(database.db);
  expect(rows).toEqual([...given, skipped]);
});
