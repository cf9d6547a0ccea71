import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  defaultPerSecond,
  haltGate,
  holdGate,
  learnLimit,
  leftLate,
  parkGate,
  readGate,
  reopenGate,
  takeTurn,
} from '../../src/db/gates.ts';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let other: ReturnType<typeof openPool>;
beforeAll(async () => {
  database = await openTestDatabase();
  other = openPool(database.databaseUrl, {
    max: 5,
    applicationName: 'another process',
  });
});
afterAll(async () => {
  await other.end();
  await database.close();
});
beforeEach(async () => void (await sql`truncate gates`.execute(database.db)));

/** The moments, in milliseconds and as the row holds them, at which so many requests of two processes may leave. */
async function places(count: number, perSecond?: number): Promise<number[]> {
  const second = openDatabase(other);
  const taken = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { at } = await takeTurn(n % 2 === 0 ? database.db : second, 'gate', perSecond);
      return Date.parse(`${at.replace(' ', 'T')}:00`);
    }),
  );
  return taken.toSorted((a, b) => a - b);
}

/** No second sees more than the limit, and the line is as short as that allows, the headroom and a place for what came before. */
function expectSpacing(moments: number[], perSecond: number): void {
  const together = Math.min(10, Math.floor(perSecond));
  const span = Math.min(...moments.slice(together).map((moment, earlier) => moment - moments[earlier]!));
  expect(span).toBeGreaterThan((together * 1000) / perSecond - 1);
  const tookMs = moments.at(-1)! - moments[0]!;
  expect(tookMs).toBeLessThan(((moments.length * 1000) / perSecond) * 1.02);
}

test('the first request leaves at once', async () => {
  expect((await takeTurn(database.db, 'gate', undefined)).waitMs).toBe(0);
});

test('a place comes with what holds for whoever need not wait: the gate, and whether a batch flows', async () => {
  const open = { haltedAt: null, parkedUntil: null, reason: null, perSecond: null, hasMoved: false };
  expect(await takeTurn(database.db, 'gate', undefined)).toMatchObject({ gate: open, isFlowing: true });
  await haltGate(database.db, 'gate', 'because');
  const { gate } = await takeTurn(database.db, 'gate', undefined);
  expect(gate).toEqual({ ...open, haltedAt: expect.any(Date), reason: 'because' });
  expect(await takeTurn(database.db, 'gate', undefined, 404)).toMatchObject({ isFlowing: false });
});

test('requests of two processes stand in one line, spaced by the usual rate where nobody names one', async () => {
  expectSpacing(await places(40), defaultPerSecond);
});

test('the operator’s rate spaces them', async () => {
  expectSpacing(await places(40, 4), 4);
});

test('the limit that the answers name spaces them, and the smaller of the two counts', async () => {
  await takeTurn(database.db, 'gate', undefined);
  await learnLimit(database.db, 'gate', 20);
  expectSpacing(await places(40), 20);
  expectSpacing(await places(20, 5), 5);
  expectSpacing(await places(40, 100), 20);
});

test('no two requests get the same place', async () => {
  await takeTurn(database.db, 'gate', 1000);
  await Promise.all(Array.from({ length: 50 }, () => takeTurn(database.db, 'gate', 1000)));
  const { rows } = await sql<{ aheadMs: number }>`
    select extract(epoch from next_slot_at - clock_timestamp())::float8 * 1000 "aheadMs" from gates`.execute(
    database.db,
  );
  expect(rows[0]!.aheadMs).toBeLessThan(52);
});

test('an empty line does not save up places: there is no burst after a pause', async () => {
  await takeTurn(database.db, 'gate', undefined);
  await sql`update gates set next_slot_at = now() - interval '1 hour'`.execute(database.db);
  expectSpacing(await places(20), defaultPerSecond);
});

/** A line that kept to ten a second until it stood still for so long; in milliseconds, evenly. */
async function standStill(forMs: number): Promise<void> {
  await sql`insert into gates (transport, next_slot_at, places)
    select 'gate', max(moment), array_agg(moment order by moment)
    from (select now() - make_interval(secs => (${forMs} + n * 1000 / 9.85) / 1000) moment from generate_series(0, 9) n) p
  `.execute(database.db);
}

/** The moment of the last place, as the row holds it, in milliseconds. */
async function lastPlace(): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select extract(epoch from next_slot_at)::float8 * 1000 ms from gates`.execute(database.db);
  return rows[0]!.ms;
}

async function nextPlaces(count: number): Promise<number[]> {
  const moments: number[] = [];
  for (let n = 0; n < count; n++) {
    await takeTurn(database.db, 'gate', undefined);
    moments.push(await lastPlace());
  }
  return moments;
}

/** Ten places and headroom, in milliseconds. */
const tenPlaces = 10_000 / 9.85;

test('a line that stood still catches up: its tenth place is where it would have been', async () => {
  await standStill(300);
  const before = await lastPlace();
  const places = await nextPlaces(10);
  expect(places[9]! - before).toBeCloseTo(tenPlaces, 0);
});

test('and no two places are nearer than half the usual distance', async () => {
  await standStill(300);
  const places = await nextPlaces(12);
  const nearest = Math.min(...places.slice(1).map((place, n) => place - places[n]!));
  expect(nearest).toBeGreaterThan(tenPlaces / 20 - 0.1);
});

test('who left late is counted from when they left', async () => {
  const place = await takeTurn(database.db, 'gate', undefined);
  const at = await lastPlace();
  await leftLate(database.db, 'gate', place, 400);
  const places = await nextPlaces(10);
  expect(places[8]! - at).toBeLessThan(900);
  expect(places[9]! - at).toBeCloseTo(400 + tenPlaces, 0);
});

test('each transport has a line of its own', async () => {
  await places(20);
  expect((await takeTurn(database.db, 'another', undefined)).waitMs).toBe(0);
});

test('a hold makes everybody wait at least that long, and never shortens the line', async () => {
  await takeTurn(database.db, 'gate', undefined);
  await holdGate(database.db, 'gate', 5000);
  expect((await takeTurn(database.db, 'gate', undefined)).waitMs).toBeGreaterThan(4500);
  await holdGate(database.db, 'gate', 1);
  expect((await takeTurn(database.db, 'gate', undefined)).waitMs).toBeGreaterThan(4500);
});

test('a parked gate opens by itself', async () => {
  await takeTurn(database.db, 'gate', undefined);
  const until = new Date(Date.now() + 60_000);
  await parkGate(database.db, 'gate', until, 'daily_quota_exceeded');
  expect(await readGate(database.db, 'gate')).toEqual({
    haltedAt: null,
    parkedUntil: until,
    reason: 'daily_quota_exceeded',
    perSecond: null,
    hasMoved: false,
  });
  await parkGate(database.db, 'gate', new Date(Date.now() - 1000), 'daily_quota_exceeded');
  expect(await readGate(database.db, 'gate')).toMatchObject({ haltedAt: null, parkedUntil: null });
});

test('a gate is halted once, by whoever is first, until it is reopened', async () => {
  await takeTurn(database.db, 'gate', undefined);
  const first = await Promise.all([1, 2, 3].map((n) => haltGate(database.db, 'gate', `reason ${n}`)));
  expect(first.filter(Boolean)).toHaveLength(1);
  const { haltedAt, reason } = await readGate(database.db, 'gate');
  expect(haltedAt).toBeInstanceOf(Date);
  expect(reason).toBe(`reason ${first.indexOf(true) + 1}`);
  expect(await reopenGate(database.db, 'gate')).toBe(true);
  expect(await reopenGate(database.db, 'gate')).toBe(false);
  expect(await readGate(database.db, 'gate')).toEqual({
    haltedAt: null,
    parkedUntil: null,
    reason: null,
    perSecond: null,
    hasMoved: false,
  });
});

test('a transport that nobody spoke through yet is open', async () => {
  expect(await readGate(database.db, 'never heard of')).toEqual({
    haltedAt: null,
    parkedUntil: null,
    reason: null,
    perSecond: null,
    hasMoved: false,
  });
});
