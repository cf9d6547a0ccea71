import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { closeEditions, nudge } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
});

async function readRanges() {
  return ctx.db
    .selectFrom('ranges')
    .select(['edition_date', 'slot_ids', 'from_id', 'to_id', 'expected'])
    .orderBy('id')
    .execute();
}

async function readSlots() {
  return ctx.db
    .selectFrom('slots')
    .select(['id', 'next_due_at', 'next_local_date', 'last_local_date'])
    .orderBy('id')
    .execute();
}

test('a due slot is cut into ranges of at most a thousand readers, and moves on in the same transaction', async () => {
  await seedReaders(ctx, 2100);
  ctx.setNow('2026-03-20T07:00:00Z');
  const planned = await plan(ctx);
  expect(planned.dates).toEqual(['2026-03-20']);
  const ranges = await readRanges();
  expect(ranges.map((range) => range.expected)).toEqual([1000, 1000, 100]);
  expect(planned.rangeIds).toHaveLength(3);
  expect(ranges[1]!.from_id).toBeGreaterThan(ranges[0]!.to_id);
  expect(await readSlots()).toMatchObject([
    {
      next_due_at: new Date('2026-03-21T07:00:00Z'),
      next_local_date: '2026-03-21',
      last_local_date: '2026-03-20',
    },
  ]);
  const { rows } = await sql<{ together: boolean }>`
    select (select xmin from slots) = all (select xmin from ranges) together`.execute(ctx.db);
  expect(rows[0]!.together).toBe(true);
});

test('planning twice changes nothing', async () => {
  await seedReaders(ctx, 3);
  ctx.setNow('2026-03-20T07:00:00Z');
  await plan(ctx);
  const [ranges, slots] = [await readRanges(), await readSlots()];
  expect(await plan(ctx)).toEqual({ rangeIds: [], dates: [] });
  expect([await readRanges(), await readSlots()]).toEqual([ranges, slots]);
});

test('a crash between the ranges and their nudges loses nothing: the sweep nudges', async () => {
  await seedReaders(ctx, 3);
  ctx.setNow('2026-03-20T07:00:00Z');
  const { rangeIds } = await plan(ctx);
  await ctx.queues.queue('compose').obliterate({ force: true });
  await nudge(ctx);
  const jobs = await ctx.queues.queue('compose').getWaiting();
  expect(jobs.map((job) => job.data)).toEqual([{ rangeId: rangeIds[0] }]);
});

test('slots that are due together on one date are cut as one', async () => {
  await seedReaders(ctx, 2, { name: 'berlin', timeZone: 'Europe/Berlin', sendHour: 8 });
  await seedReaders(ctx, 2, { name: 'utc', sendHour: 7 });
  // 20:00 there, on the same day.
  await seedReaders(ctx, 1, { name: 'auckland', timeZone: 'Pacific/Auckland', sendHour: 20 });
  await seedReaders(ctx, 1, { name: 'later', sendHour: 8 });
  ctx.setNow('2026-03-20T07:00:00Z');
  await plan(ctx);
  const ranges = await readRanges();
  expect(ranges).toHaveLength(1);
  expect(ranges[0]).toMatchObject({ edition_date: '2026-03-20', expected: 5 });
  expect(ranges[0]!.slot_ids).toHaveLength(3);
});

test('slots that are due together on two local dates belong to two editions', async () => {
  await seedReaders(ctx, 2, { name: 'utc', sendHour: 23 });
  await seedReaders(ctx, 2, { name: 'tokyo', timeZone: 'Asia/Tokyo', sendHour: 8 });
  ctx.setNow('2026-03-20T23:00:00Z');
  const { dates } = await plan(ctx);
  expect(dates).toEqual(['2026-03-20', '2026-03-21']);
  const ranges = await readRanges();
  expect(ranges.map((range) => range.edition_date).toSorted()).toEqual(dates);
});

test('two planners at once share the slots and add no row twice', async () => {
  for (let hour = 0; hour < 7; hour++) await seedReaders(ctx, 3, { name: `at${hour}x`, sendHour: hour });
  const other = await openTestContext({ beside: ctx, now: '2026-03-21T06:30:00Z' });
  ctx.setNow('2026-03-21T06:30:00Z');
  try {
    await Promise.all([plan(ctx), plan(other), plan(ctx), plan(other)]);
  } finally {
    await other.close();
  }
  const ranges = await readRanges();
  expect(ranges.reduce((sum, range) => sum + range.expected, 0)).toBe(21);
  const slots = ranges.flatMap((range) => range.slot_ids);
  expect(new Set(slots).size).toBe(slots.length);
});

test('a slot missed by more than twelve hours is too late: counted once, without a row a reader', async () => {
  await seedReaders(ctx, 4);
  ctx.setNow('2026-03-20T19:00:01Z');
  expect(await plan(ctx)).toEqual({ rangeIds: [], dates: ['2026-03-20'] });
  await plan(ctx);
  expect(await readLedger(ctx.db, '2026-03-20')).toMatchObject({
    audience: 4,
    skipped: { too_late: 4 },
    accepted: 0,
    pending: 0,
  });
  const { count } = await ctx.db
    .selectFrom('digests')
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(0);
  expect(await readSlots()).toMatchObject([{ next_local_date: '2026-03-21' }]);
});

test('exactly twelve hours late is in time', async () => {
  await seedReaders(ctx, 2);
  ctx.setNow('2026-03-20T19:00:00Z');
  const { rangeIds } = await plan(ctx);
  expect(rangeIds).toHaveLength(1);
  expect((await readLedger(ctx.db, '2026-03-20')).skipped).toEqual({});
});

test('after a long outage there is one catch-up, and the days before are too late', async () => {
  await seedDay(ctx, '2026-03-22', 5);
  await seedReaders(ctx, 3);
  const { dates } = await planAndCompose(ctx, '2026-03-23T15:00:00Z');
  expect(dates).toEqual(['2026-03-20', '2026-03-21', '2026-03-22', '2026-03-23']);
  for (const date of dates.slice(0, 3)) {
    expect((await readLedger(ctx.db, date)).skipped).toEqual({ too_late: 3 });
  }
  expect(await readLedger(ctx.db, '2026-03-23')).toMatchObject({ audience: 3, pending: 3, skipped: {} });
  expect(await readRanges()).toHaveLength(1);
});

test('nothing is planned for an edition that is closed', async () => {
  await seedReaders(ctx, 2);
  await sql`insert into editions (date, closed_at) values ('2026-03-20', now())`.execute(ctx.db);
  ctx.setNow('2026-03-20T07:00:00Z');
  expect(await plan(ctx)).toEqual({ rangeIds: [], dates: [] });
  expect(await readRanges()).toEqual([]);
  expect(await readSlots()).toMatchObject([{ next_local_date: '2026-03-21' }]);
});

test('snoozed readers, those who start later and those who are not active are outside the audience', async () => {
  const [snoozed, later, unconfirmed, gone, stays] = await seedReaders(ctx, 5);
  await sql`update subscribers set snoozed_until = '2026-03-21' where id = ${snoozed!.id}`.execute(ctx.db);
  await sql`update subscribers set not_before = '2026-03-21' where id = ${later!.id}`.execute(ctx.db);
  await sql`update subscribers set status = 'unconfirmed' where id = ${unconfirmed!.id}`.execute(ctx.db);
  await sql`update subscribers set status = 'unsubscribed', unsubscribed_at = now() where id = ${gone!.id}`.execute(
    ctx.db,
  );
  ctx.setNow('2026-03-20T07:00:00Z');
  await plan(ctx);
  expect(await readRanges()).toMatchObject([{ expected: 1, from_id: stays!.id, to_id: stays!.id }]);
  ctx.setNow('2026-03-21T07:00:00Z');
  await plan(ctx);
  expect((await readRanges()).at(-1)).toMatchObject({ edition_date: '2026-03-21', expected: 3 });
});

test('a too late slot counts only who would have been in its audience', async () => {
  const [snoozed] = await seedReaders(ctx, 3);
  await sql`update subscribers set snoozed_until = '2026-03-21' where id = ${snoozed!.id}`.execute(ctx.db);
  ctx.setNow('2026-03-20T23:00:00Z');
  await plan(ctx);
  expect((await readLedger(ctx.db, '2026-03-20')).audience).toBe(2);
});

test('slots that nobody is in move on and leave no trace', async () => {
  const readers = await seedReaders(ctx, 1);
  await sql`update subscribers set status = 'unsubscribed' where id = ${readers[0]!.id}`.execute(ctx.db);
  ctx.setNow('2026-03-25T07:00:00Z');
  await plan(ctx);
  expect(await readRanges()).toEqual([]);
  const { rows } = await sql`select 1 from missed_slots`.execute(ctx.db);
  expect(rows).toEqual([]);
});

test('on the day the clocks go forward, a skipped hour is sent at the first valid minute, once', async () => {
  ctx.setNow('2026-03-28T12:00:00Z');
  await seedReaders(ctx, 2, { timeZone: 'Europe/Paris', sendHour: 2 });
  ctx.setNow('2026-03-29T00:59:59Z');
  expect((await plan(ctx)).rangeIds).toEqual([]);
  ctx.setNow('2026-03-29T01:00:00Z');
  expect((await plan(ctx)).dates).toEqual(['2026-03-29']);
  ctx.setNow('2026-03-29T02:00:00Z');
  expect((await plan(ctx)).rangeIds).toEqual([]);
  expect(await readSlots()).toMatchObject([{ next_due_at: new Date('2026-03-30T00:00:00Z') }]);
});

test('on the day the clocks go back, a repeated hour is sent once', async () => {
  ctx.setNow('2026-10-24T12:00:00Z');
  await seedReaders(ctx, 2, { timeZone: 'Europe/Paris', sendHour: 2 });
  const planned: string[] = [];
  for (const hour of ['00:00', '00:30', '01:00', '01:30', '02:00']) {
    ctx.setNow(`2026-10-25T${hour}:00Z`);
    planned.push(...(await plan(ctx)).dates);
  }
  expect(planned).toEqual(['2026-10-25']);
});

test('an edition that is over closes, and a newcomer to an old slot starts with the next one', async () => {
  await seedReaders(ctx, 2);
  ctx.setNow('2026-03-20T07:00:00Z');
  const { rangeIds } = await plan(ctx);
  for (const rangeId of rangeIds) await compose(ctx, { rangeId });
  expect(await closeEditions(ctx, ctx.now())).toEqual(['2026-03-20']);
  // West of us it is still the 20th, but that edition is history.
  await seedReaders(ctx, 1, { name: 'honolulu', timeZone: 'Pacific/Honolulu', sendHour: 7 });
  const { rows } = await sql<{ next_local_date: string }>`
    select next_local_date from slots where time_zone = 'Pacific/Honolulu'`.execute(ctx.db);
  expect(rows).toEqual([{ next_local_date: '2026-03-21' }]);
});
