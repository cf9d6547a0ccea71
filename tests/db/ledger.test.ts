import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { listLedgers, readLedger } from '../../src/db/ledger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const date = '2026-03-20';

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate editions, slots cascade`.execute(database.db);
  await sql`insert into editions (date) values (${date})`.execute(database.db);
});

interface Batch {
  state: string;
  members: number;
  dropped?: Record<string, string>;
  refused?: Record<string, string>;
}

async function insertRange(
  range: { expected: number; audience?: number; skipped?: object },
  batches: Batch[] = [],
) {
  const { rows } = await sql<{ id: number }>`
    insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected, composed_at, audience, skipped)
    values (${date}, '{1}', 1, 9, now(), ${range.expected}, case when ${range.audience ?? null}::int is not null then now() end,
      ${range.audience ?? null}, ${JSON.stringify(range.skipped ?? {})}) returning id`.execute(database.db);
  for (const { state, members, dropped, refused } of batches) {
    const positions = Array.from({ length: members }, (_, position) => position);
    await sql`insert into batches (edition_date, range_id, from_id, to_id, positions, state, dropped, refused)
      values (${date}, ${rows[0]!.id}, 1, 9, ${positions}, ${state},
        ${dropped ? JSON.stringify(dropped) : null}, ${refused ? JSON.stringify(refused) : null})`.execute(
      database.db,
    );
  }
}

const nothing = {
  date,
  audience: 0,
  pending: 0,
  accepted: 0,
  skipped: {},
  failed: {},
  unknown: 0,
  closed: false,
};

test('of a date that nothing happened on is empty', async () => {
  expect(await readLedger(database.db, '2026-01-01')).toEqual({ ...nothing, date: '2026-01-01' });
  expect(await readLedger(database.db, date)).toEqual(nothing);
});

test('an open range counts its readers as pending', async () => {
  await insertRange({ expected: 7 });
  expect(await readLedger(database.db, date)).toEqual({ ...nothing, audience: 7, pending: 7 });
});

test('a composed range counts whom it found, not whom it expected', async () => {
  await insertRange({ expected: 9, audience: 8, skipped: { nothing_new: 5, suppressed: 1 } }, [
    { state: 'composed', members: 2 },
  ]);
  expect(await readLedger(database.db, date)).toEqual({
    ...nothing,
    audience: 8,
    pending: 2,
    skipped: { nothing_new: 5, suppressed: 1 },
  });
});

test.each([
  ['composed', { pending: 4 }],
  ['frozen', { pending: 3, skipped: { suppressed: 1 } }],
  ['accepted', { accepted: 2, failed: { refused: 1 }, skipped: { suppressed: 1 } }],
  ['failed', { failed: { refused: 3 }, skipped: { suppressed: 1 } }],
  ['unknown', { unknown: 3, skipped: { suppressed: 1 } }],
])('a batch that is %s counts each member once', async (state, counts) => {
  const dropped = state === 'composed' ? {} : { dropped: { 1: 'suppressed' } };
  const refused = state === 'accepted' ? { refused: { 2: 'no such address' } } : {};
  await insertRange({ expected: 4, audience: 4 }, [{ state, members: 4, ...dropped, ...refused }]);
  expect(await readLedger(database.db, date)).toEqual({ ...nothing, audience: 4, ...counts });
});

test('a batch that was cut counts through its halves, and whom it left out through itself', async () => {
  await insertRange({ expected: 5, audience: 5 }, [
    { state: 'split', members: 5, dropped: { 0: 'unsubscribed' } },
    { state: 'accepted', members: 2 },
    { state: 'failed', members: 2 },
  ]);
  expect(await readLedger(database.db, date)).toEqual({
    ...nothing,
    audience: 5,
    accepted: 2,
    failed: { refused: 2 },
    skipped: { unsubscribed: 1 },
  });
});

test('a batch that everybody left counts them all as skipped', async () => {
  await insertRange({ expected: 2, audience: 2 }, [
    { state: 'empty', members: 2, dropped: { 0: 'unsubscribed', 1: 'suppressed' } },
  ]);
  expect(await readLedger(database.db, date)).toEqual({
    ...nothing,
    audience: 2,
    skipped: { unsubscribed: 1, suppressed: 1 },
  });
});

test('missed slots count as too late', async () => {
  await sql`with slot as (insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date)
    values ('UTC', 7, 127, now(), ${date}) returning id)
    insert into missed_slots select ${date}, id, 30, now() from slot`.execute(database.db);
  expect(await readLedger(database.db, date)).toEqual({
    ...nothing,
    audience: 30,
    skipped: { too_late: 30 },
  });
});

test('ledgers are listed newest first', async () => {
  await sql`insert into editions (date, closed_at) values ('2026-03-19', now()), ('2026-03-21', null)`.execute(
    database.db,
  );
  const ledgers = await listLedgers(database.db, 2);
  expect(ledgers.map((ledger) => [ledger.date, ledger.closed])).toEqual([
    ['2026-03-21', false],
    ['2026-03-20', false],
  ]);
});
