import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ensureDigestPartition,
  insertDigests,
  type NewDigest,
  readHistory,
  seenIn,
} from '../../src/db/digests.ts';
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

test('a history is its reader’s own, whether the ids that are asked for lie close together or far apart', async () => {
  const day = '2025-12-13';
  await ensureDigestPartition(database.db, day);
  const digests = Array.from({ length: 40 }, (_, place): NewDigest => ({
    subscriberId: 101 + place,
    batchId: 8,
    position: place,
    skipped: null,
    paperIds: [1000 + place, 2000 + place],
    composition: Buffer.from([1]),
    address: `${place}@uni.test`,
    addressVersion: 1,
    keyId: 'a1',
  }));
  await database.db.transaction().execute((trx) => insertDigests(trx, day, digests));
  const someIds = fc.uniqueArray(fc.integer({ min: 101, max: 145 }), { minLength: 1, maxLength: 45 });
  await fc.assert(
    fc.asyncProperty(someIds, async (unsorted) => {
      const ids = unsorted.toSorted((a, b) => a - b);
      const histories = await readHistory(database.db, ids, '2025-12-14');
      for (const id of ids) {
        const history = histories.get(id);
        const isThere = id <= 140;
        expect(history?.lastDate).toBe(isThere ? day : undefined);
        expect(seenIn(history)).toEqual(isThere ? [899 + id, 1899 + id] : []);
      }
    }),
    { numRuns: 50 },
  );
});
