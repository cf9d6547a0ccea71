import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/connect.ts';
import { listHeldEditions, releaseEdition } from '../../src/db/held-editions.ts';
import { readLedger } from '../../src/db/ledger.ts';
import type { Database } from '../../src/db/schema.ts';
import { judgeAudience } from '../../src/pipeline/audience.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { closeEditions } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedReaders } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-19T06:00:00Z');
});

async function planAt(iso: string): Promise<string[]> {
  ctx.setNow(iso);
  return (await plan(ctx)).dates;
}

/** A day of so many readers, planned. */
async function seedYesterday(readers: number): Promise<void> {
  await seedReaders(ctx, readers);
  expect(await planAt('2026-03-19T07:00:00Z')).toEqual(['2026-03-19']);
}

async function leave(readers: number): Promise<void> {
  await sql`update subscribers set status = 'unsubscribed' where id in (
    select id from subscribers order by id limit ${readers})`.execute(ctx.db);
}

const said = 'The audience moved by more than half: 100, after 1,200 the day before.';

test('readers whose slot is planned while the audience is measured count once', async () => {
  await seedYesterday(1200);
  ctx.setNow('2026-03-20T07:00:00Z');
  let planned: string[] | undefined;
  const db = whileReading(/from ranges/, async () => void (planned ??= (await plan(ctx)).dates));
  expect(await judgeAudience(db, '2026-03-20')).toMatchObject({ audience: 1200, warning: undefined });
  expect(planned).toEqual(['2026-03-20']);
});

test('an audience that lost more than half is not planned, until somebody releases it', async () => {
  await seedYesterday(1200);
  await leave(1100);
  expect(await planAt('2026-03-20T07:00:00Z')).toEqual([]);
  expect(await listHeldEditions(ctx.db)).toMatchObject([{ date: '2026-03-20', reason: said }]);
  expect(await planAt('2026-03-20T07:01:00Z')).toEqual([]);
  expect(await releaseEdition(ctx.db, '2026-03-20')).toBe(true);
  expect(await planAt('2026-03-20T07:02:00Z')).toEqual(['2026-03-20']);
  expect(await readLedger(ctx.db, '2026-03-20')).toMatchObject({ audience: 100, pending: 100 });
  expect(await releaseEdition(ctx.db, '2026-03-20')).toBe(false);
});

test('what an import doubled waits too, and so does the day after it as long as nobody has looked', async () => {
  await seedYesterday(1100);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedReaders(ctx, 800, { name: 'new', sendHour: 9 });
  await seedReaders(ctx, 1, { name: 'east', timeZone: 'Pacific/Kiritimati', sendHour: 7 });
  expect(await planAt('2026-03-20T07:00:00Z')).toEqual([]);
  expect(await planAt('2026-03-20T09:00:00Z')).toEqual([]);
  expect((await listHeldEditions(ctx.db)).map(({ date }) => date)).toEqual(['2026-03-20']);
  // East of here the next date begins: it is measured against the last edition that nobody had to stop.
  expect(await planAt('2026-03-20T17:00:00Z')).toEqual([]);
  expect((await listHeldEditions(ctx.db)).map(({ date }) => date)).toEqual(['2026-03-20', '2026-03-21']);
});

test('after twelve hours a held slot has come too late, is counted once, and its next day is judged again', async () => {
  await seedYesterday(1200);
  await leave(1100);
  await planAt('2026-03-20T07:00:00Z');
  expect(await planAt('2026-03-20T19:01:00Z')).toEqual(['2026-03-20']);
  expect(await readLedger(ctx.db, '2026-03-20')).toMatchObject({
    audience: 100,
    skipped: { too_late: 100 },
  });
  expect(await planAt('2026-03-21T07:00:00Z')).toEqual([]);
  expect((await listHeldEditions(ctx.db)).map(({ date }) => date)).toContain('2026-03-21');
  expect(await closeEditions(ctx, ctx.now())).not.toContain('2026-03-21');
});

test('after an outage of a day the missed date is counted, and the held one waits', async () => {
  await seedYesterday(1200);
  await leave(1100);
  expect(await planAt('2026-03-21T07:30:00Z')).toEqual(['2026-03-20']);
  expect((await listHeldEditions(ctx.db)).map(({ date }) => date)).toEqual(['2026-03-21']);
  await releaseEdition(ctx.db, '2026-03-21');
  expect(await planAt('2026-03-21T07:31:00Z')).toEqual(['2026-03-21']);
});

test('a weekend that readers chose themselves holds nothing', async () => {
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedReaders(ctx, 400);
  await seedReaders(ctx, 1200, { name: 'weekday', weekdays: 0b0011111 });
  expect(await planAt('2026-03-20T07:00:00Z')).toEqual(['2026-03-20']);
  expect(await planAt('2026-03-21T07:00:00Z')).toEqual(['2026-03-21']);
  expect(await planAt('2026-03-22T07:00:00Z')).toEqual(['2026-03-22']);
  expect(await planAt('2026-03-23T07:00:00Z')).toEqual(['2026-03-23']);
});

test('a small installation, a first day, and an operator at the command line are never stopped', async () => {
  await seedYesterday(60);
  await seedReaders(ctx, 1500, { name: 'new' });
  expect(await planAt('2026-03-20T07:00:00Z')).toEqual(['2026-03-20']);
  await leave(1400);
  ctx.setNow('2026-03-21T07:00:00Z');
  expect((await plan(ctx, { isByHand: true })).dates).toEqual(['2026-03-21']);
});

/** The same database, on which something else happens just before statements like this one. */
function whileReading(statement: RegExp, meanwhile: () => Promise<void>): Kysely<Database> {
  const connect = async () => {
    const client = await ctx.pool.connect();
    return {
      async query(text: string, values: unknown[]) {
        if (statement.test(text)) await meanwhile();
        return client.query(text, values);
      },
      release: () => client.release(),
    };
  };
  return openDatabase({ connect } as unknown as TestContext['pool']);
}
