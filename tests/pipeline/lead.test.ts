import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { haltGate, takeTurn } from '../../src/db/gates.ts';
import { listOpenRanges, takeComposer } from '../../src/db/ranges.ts';
import { openComposer } from '../../src/pipeline/lead.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { Retryable } from '../../src/queue/errors.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '10' } })));
afterAll(() => ctx.close());

const edition = '2026-03-20';
let rangeId: number;
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T07:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  await seedReaders(ctx, 1);
  await plan(ctx);
  rangeId = (await listOpenRanges(ctx.db, 10))[0]!;
  await sql`insert into gates (transport) values (${ctx.transport.identity}) on conflict do nothing`.execute(
    ctx.db,
  );
});

/** Batches of other ranges that are ready to leave. */
async function fillLine(batches: number): Promise<void> {
  await sql`insert into batches (edition_date, range_id, from_id, to_id, positions)
    select edition_date, id, 1000000, 1000000, '{0}' from ranges, generate_series(1, ${batches}::int)
    where id = ${rangeId}`.execute(ctx.db);
}

async function isComposed(): Promise<boolean> {
  return (await listOpenRanges(ctx.db, 10)).length === 0;
}

/** Composes, and does in place of each wait what the world does meanwhile. Gives how often it waited. */
async function composeWhile(...events: (() => Promise<unknown>)[]): Promise<number> {
  let waits = 0;
  const wait = async () => {
    const event = events[waits++];
    if (!event) throw new Error('It waits for nothing.');
    expect(await isComposed()).toBe(false);
    await event();
  };
  await openComposer({ wait })(ctx, { rangeId });
  expect(await isComposed()).toBe(true);
  return waits;
}

const letGo = (batches: number) => () =>
  sql`update batches set state = 'empty' where id in
    (select id from batches where state = 'composed' order by id limit ${batches})`.execute(ctx.db);

test('a range is composed at once while the line is short', async () => {
  await fillLine(9);
  expect(await composeWhile()).toBe(0);
});

test('with two seconds ready it waits until enough has left', async () => {
  await fillLine(25);
  // Still more than half: that is for whoever has composed lately, and here nobody has.
  expect(await composeWhile(letGo(5), letGo(5), letGo(6))).toBe(3);
});

/** Composes until it is let go, as another process would. */
async function composer(places: number): Promise<() => Promise<unknown>> {
  const trx = await ctx.db.startTransaction().execute();
  expect(await takeComposer(trx, places)).toBe(true);
  return () => trx.rollback().execute();
}

test('it waits while as many compose as the line wants', async () => {
  const others = [await composer(2), await composer(2)];
  expect(await composeWhile(others[0]!)).toBe(1);
  await others[1]!();
});

test('what a pause holds back, or is put off, is not in the line', async () => {
  await fillLine(30);
  await sql`update batches set next_attempt_at = now() + interval '1 hour'`.execute(ctx.db);
  expect(await composeWhile()).toBe(0);
});

test('of a paused edition nothing is waited for', async () => {
  await fillLine(30);
  await sql`update editions set paused_at = now() where date = ${edition}`.execute(ctx.db);
  expect(await composeWhile()).toBe(0);
});

test('while mail is halted everything is composed, since nothing is gained by waiting', async () => {
  await fillLine(30);
  await takeTurn(ctx.db, ctx.transport.identity, undefined);
  await haltGate(ctx.db, ctx.transport.identity, 'the key is wrong');
  expect(await composeWhile()).toBe(0);
});

test('a process that stops gives the range back', async () => {
  await fillLine(30);
  const composing = openComposer({ wait: () => Promise.reject(new Error('aborted')) });
  await expect(composing(ctx, { rangeId })).rejects.toThrow(Retryable);
  expect(await isComposed()).toBe(false);
});

/** Lets the range be composed once more; its readers have their digests already. */
const reopen = () => sql`update ranges set composed_at = null where id = ${rangeId}`.execute(ctx.db);

test('whoever has composed lately takes the next range before others may', async () => {
  const compose = openComposer({ wait: () => Promise.reject(new Error('It waits.')) });
  await compose(ctx, { rangeId });
  await reopen();
  await fillLine(15);
  await expect(openComposer({ wait: async () => {} })(ctx, { rangeId })).rejects.toThrow('left to whoever');
  expect(await isComposed()).toBe(false);
  await compose(ctx, { rangeId });
  expect(await isComposed()).toBe(true);
});

test('a line that does not move holds a range up for a while, not for ever', async () => {
  let waitedMs = 0;
  const wait = async (ms: number) => void (waitedMs += ms);
  const compose = openComposer({ wait, patienceMs: 2000 });
  await compose(ctx, { rangeId });
  await reopen();
  await fillLine(30);
  await compose(ctx, { rangeId });
  expect(waitedMs).toBe(2000);
  expect(await isComposed()).toBe(true);
});
