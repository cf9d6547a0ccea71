import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { advanceSlots, firstOccurrence, joinSlot, lockDueSlots } from '../../src/db/slots.ts';
import { findById } from '../../src/db/subscribers.ts';
import { everyDay, nextOccurrence, type Slot } from '../../src/domain/cadence.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { enterSlot, nextDigest } from '../../src/pipeline/schedule.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
});

const morning: Slot = { timeZone: 'UTC', sendHour: 7, weekdays: everyDay };
const evening: Slot = { ...morning, sendHour: 19 };
const at = (iso: string) => new Date(iso);

async function slotRow(id: number) {
  return ctx.db.selectFrom('slots').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function nextOf(id: number) {
  return nextDigest((await findById(ctx.db, id))!);
}

async function enter(id: number, slot: Slot) {
  return ctx.db.transaction().execute((trx) => enterSlot(ctx, trx, id, slot));
}

const join = (slot: Slot, from: string) =>
  ctx.db.transaction().execute((trx) => joinSlot(trx, slot, nextOccurrence(slot, at(from))));

describe('joining a slot', () => {
  test('makes it, due at the newcomer’s first occurrence; a second one finds it', async () => {
    const first = await join(morning, '2026-03-20T06:00:00Z');
    expect(first.notBefore).toBe('2026-03-20');
    expect(await slotRow(first.slotId)).toMatchObject({
      next_due_at: at('2026-03-20T07:00:00Z'),
      next_local_date: '2026-03-20',
    });
    expect(await join(morning, '2026-03-20T06:30:00Z')).toEqual(first);
  });

  test('is one slot for one zone, however its name is spelled', async () => {
    const first = await join({ ...morning, timeZone: 'Europe/Paris' }, '2026-03-20T05:00:00Z');
    expect(await join({ ...morning, timeZone: 'europe/PARIS' }, '2026-03-20T05:00:00Z')).toEqual(first);
    expect(await slotRow(first.slotId)).toMatchObject({ time_zone: 'Europe/Paris' });
  });

  test('earlier than it was ever planned moves it back, and those already in it keep their start', async () => {
    ctx.setNow('2026-03-25T06:00:00Z');
    const [settled] = await seedReaders(ctx, 1);
    ctx.setNow('2026-03-20T06:00:00Z');
    const [newcomer] = await seedReaders(ctx, 1, { name: 'newcomer' });
    expect(await nextOf(settled!.id)).toEqual({ at: at('2026-03-25T07:00:00Z'), localDate: '2026-03-25' });
    expect(await nextOf(newcomer!.id)).toEqual({ at: at('2026-03-20T07:00:00Z'), localDate: '2026-03-20' });

    await seedDay(ctx, '2026-03-19', 3);
    for (const day of ['20', '21', '22', '23', '24', '25'])
      await planAndCompose(ctx, `2026-03-${day}T07:00:00Z`);
    const dates = await sql<{ id: number; dates: string[] }>`
      select subscriber_id id, array_agg(local_date::text order by local_date) dates from digests group by 1
      order by 1`.execute(ctx.db);
    expect(dates.rows.map((row) => [row.id, row.dates[0], row.dates.length])).toEqual([
      [settled!.id, '2026-03-25', 1],
      [newcomer!.id, '2026-03-20', 6],
    ]);
  });

  test('earlier than it was ever planned gives a start to those who had none', async () => {
    ctx.setNow('2026-03-25T06:00:00Z');
    const [settled] = await seedReaders(ctx, 1);
    await ctx.db.updateTable('subscribers').set({ not_before: null }).execute();
    await join(morning, '2026-03-20T06:00:00Z');
    expect((await findById(ctx.db, settled!.id))?.notBefore).toBe('2026-03-25');
  });

  test('earlier than it was already planned leaves it: nobody gets that date a second time', async () => {
    await seedReaders(ctx, 1);
    ctx.setNow('2026-03-20T07:00:00Z');
    await plan(ctx);
    const joined = await join(morning, '2026-03-20T06:00:00Z');
    expect(await slotRow(joined.slotId)).toMatchObject({
      next_local_date: '2026-03-21',
      last_local_date: '2026-03-20',
    });
  });

  test('later than its next date waits: the newcomer starts no earlier than their own first', async () => {
    await seedReaders(ctx, 1);
    ctx.setNow('2026-03-22T06:00:00Z');
    const [late] = await seedReaders(ctx, 1, { name: 'late' });
    expect((await nextOf(late!.id))?.localDate).toBe('2026-03-22');
    await seedDay(ctx, '2026-03-19', 3);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    expect((await readDigests(ctx, '2026-03-20')).map(({ subscriberId }) => subscriberId)).not.toContain(
      late!.id,
    );
  });

  test('skips editions that are closed', async () => {
    await sql`insert into editions (date, closed_at) values ('2026-03-20', now()), ('2026-03-21', now()),
      ('2026-03-23', now())`.execute(ctx.db);
    expect((await firstOccurrence(ctx.db, morning, at('2026-03-20T06:00:00Z'))).localDate).toBe('2026-03-22');
    const afterwards = await firstOccurrence(ctx.db, morning, at('2026-03-20T06:00:00Z'), '2026-03-22');
    expect(afterwards.localDate).toBe('2026-03-24');
  });
});

describe('due slots', () => {
  test('are locked for one planner; another sees those that are left', async () => {
    await join(morning, '2026-03-20T06:00:00Z');
    await join(evening, '2026-03-20T06:00:00Z');
    const later = at('2026-03-20T20:00:00Z');
    await ctx.db.transaction().execute(async (one) => {
      expect(await lockDueSlots(one, later, 1)).toMatchObject([{ sendHour: 7, nextLocalDate: '2026-03-20' }]);
      await ctx.db.transaction().execute(async (other) => {
        expect(await lockDueSlots(other, later, 10)).toMatchObject([{ sendHour: 19 }]);
      });
    });
    expect(await lockDueSlotsAlone(at('2026-03-20T06:59:59Z'))).toEqual([]);
  });

  test('move on in one statement, each to its own next, and remember the date they were at', async () => {
    const [one, other] = [
      await join(morning, '2026-03-20T06:00:00Z'),
      await join(evening, '2026-03-20T06:00:00Z'),
    ];
    const next = { at: at('2026-03-21T07:00:00Z'), localDate: '2026-03-21' };
    await ctx.db.transaction().execute((trx) =>
      advanceSlots(trx, [
        { id: one.slotId, next, lastLocalDate: '2026-03-20' },
        { id: other.slotId, next: { ...next, at: at('2026-03-21T19:00:00Z') }, lastLocalDate: '2026-03-20' },
      ]),
    );
    const moved = { next_local_date: '2026-03-21', last_local_date: '2026-03-20' };
    expect(await slotRow(one.slotId)).toMatchObject({ ...moved, next_due_at: at('2026-03-21T07:00:00Z') });
    expect(await slotRow(other.slotId)).toMatchObject({ ...moved, next_due_at: at('2026-03-21T19:00:00Z') });
  });

  const lockDueSlotsAlone = (now: Date) => ctx.db.transaction().execute((trx) => lockDueSlots(trx, now, 10));
});

describe('the next digest of a reader', () => {
  test('is their slot’s next, or the first on or after the day they snooze until', async () => {
    const [reader] = await seedReaders(ctx, 1, { weekdays: 0b0000101 });
    expect((await nextOf(reader!.id))?.localDate).toBe('2026-03-23');
    await ctx.db.updateTable('subscribers').set({ snoozed_until: '2026-03-24' }).execute();
    expect(await nextOf(reader!.id)).toEqual({ at: at('2026-03-25T07:00:00Z'), localDate: '2026-03-25' });
    await ctx.db.updateTable('subscribers').set({ snoozed_until: '2026-03-25' }).execute();
    expect((await nextOf(reader!.id))?.localDate).toBe('2026-03-25');
  });

  test.each(['unconfirmed', 'unsubscribed'] as const)('is none while they are %s', async (status) => {
    const [reader] = await seedReaders(ctx, 1);
    await ctx.db.updateTable('subscribers').set({ status }).execute();
    expect(await nextOf(reader!.id)).toBeUndefined();
  });
});

describe('a change of slot right after a digest (RULES 5)', () => {
  test.each<[string, Partial<Slot>, string, string]>([
    [
      'an hour later the same day waits for the next date',
      { sendHour: 8 },
      '2026-03-21',
      '2026-03-21T08:00:00Z',
    ],
    ['the evening waits for the next date', { sendHour: 23 }, '2026-03-21', '2026-03-21T23:00:00Z'],
    [
      'the first hour of the next date is twelve hours on',
      { sendHour: 0 },
      '2026-03-21',
      '2026-03-21T00:00:00Z',
    ],
    [
      'far west the next date begins later',
      { timeZone: 'Pacific/Honolulu' },
      '2026-03-21',
      '2026-03-21T17:00:00Z',
    ],
    [
      'far east the next date begins too soon, so the one after',
      { timeZone: 'Pacific/Kiritimati', sendHour: 1 },
      '2026-03-22',
      '2026-03-21T11:00:00Z',
    ],
    ['other days wait for their day', { weekdays: 0b0000100 }, '2026-03-25', '2026-03-25T07:00:00Z'],
  ])('%s', async (_, change, localDate, due) => {
    await seedDay(ctx, '2026-03-19', 3);
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    ctx.setNow('2026-03-20T07:01:00Z');
    const slot = { ...morning, ...change };
    expect(await enter(reader!.id, slot)).toEqual({ at: at(due), localDate });
    expect(await nextOf(reader!.id)).toEqual({ at: at(due), localDate });
    // Back and forth again changes nothing about it.
    await enter(reader!.id, evening);
    expect(await enter(reader!.id, slot)).toEqual({ at: at(due), localDate });
  });

  test('before any digest begins with the next occurrence', async () => {
    const [reader] = await seedReaders(ctx, 1);
    expect((await enter(reader!.id, { ...morning, sendHour: 8 })).localDate).toBe('2026-03-20');
  });

  test('between planning and composing loses the date at most, and never gets two', async () => {
    await seedDay(ctx, '2026-03-19', 3);
    const [reader] = await seedReaders(ctx, 1);
    ctx.setNow('2026-03-20T07:00:00Z');
    await plan(ctx);
    await enter(reader!.id, { ...morning, sendHour: 8 });
    await planAndCompose(ctx);
    await planAndCompose(ctx, '2026-03-20T08:00:00Z');
    expect(await readDigests(ctx, '2026-03-20')).toHaveLength(1);
  });
});
