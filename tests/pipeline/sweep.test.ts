import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimBatch } from '../../src/db/batches.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { insertNotice } from '../../src/db/notices.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { confirm } from '../../src/pipeline/subscription.ts';
import { closeEditions, nudge, sweep } from '../../src/pipeline/sweep.ts';
import { type QueueName, queueNames } from '../../src/queue/queues.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { conflict, lost, refuseAt, type Scripted, scriptedTransport } from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { ageBatch, attempt, deliverAll, planAndCompose, readBatch, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
const due = '2026-03-20T07:00:00Z';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
});

async function flushQueues(): Promise<void> {
  for (const name of queueNames) await ctx.queues.queue(name).obliterate({ force: true });
}

async function waitingIn(name: QueueName): Promise<unknown[]> {
  const jobs = await ctx.queues.queue(name).getJobs(['waiting', 'prioritized', 'delayed']);
  return jobs.map((job) => job.data as unknown);
}

async function delivered(count: number, script: Scripted[] = []): Promise<void> {
  await seedReaders(ctx, count);
  await planAndCompose(ctx, due);
  await deliverAll({ ...ctx, transport: scriptedTransport(script) });
}

describe('nudges', () => {
  test('that were lost are repeated: open ranges, due batches, due notices', async () => {
    const [reader] = await seedReaders(ctx, 3);
    const { batchIds } = await planAndCompose(ctx, due);
    await seedReaders(ctx, 2, { name: 'later', sendHour: 8 });
    ctx.setNow('2026-03-20T08:00:00Z');
    const { rangeIds } = await plan(ctx);
    const notice = {
      subscriberId: reader!.id,
      kind: 'link' as const,
      cause: 'test',
      address: reader!.address,
    };
    const noticeId = await insertNotice(ctx.db, notice);
    await flushQueues();
    await sweep(ctx);
    expect(await waitingIn('compose')).toEqual(rangeIds.map((rangeId) => ({ rangeId })));
    expect(await waitingIn('deliver')).toEqual(
      expect.arrayContaining([{ noticeId }, ...batchIds.map((batchId) => ({ batchId }))]),
    );
  });

  test('are not doubled by sweeping twice', async () => {
    await seedReaders(ctx, 3);
    await planAndCompose(ctx, due);
    for (let time = 0; time < 3; time++) await sweep(ctx);
    expect(await waitingIn('deliver')).toHaveLength(1);
  });

  test('pass over what waits for its time', async () => {
    await seedReaders(ctx, 3);
    await planAndCompose(ctx, due);
    await flushQueues();
    await sql`update batches set next_attempt_at = now() + interval '1 minute'`.execute(ctx.db);
    await nudge(ctx);
    expect(await waitingIn('deliver')).toEqual([]);
  });
});

describe('an edition', () => {
  test('closes when it is over and balanced, with its ledger', async () => {
    await delivered(3);
    await sweep(ctx);
    const row = await ctx.db.selectFrom('editions').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      date: edition,
      closed_at: ctx.now(),
      ledger: { audience: 3, accepted: 3, pending: 0, closed: true },
    });
    expect(row.ledger).toEqual(await readLedger(ctx.db, edition));
  });

  test('swept twice stays as it closed', async () => {
    await delivered(3);
    await sweep(ctx);
    const before = await ctx.db.selectFrom('editions').selectAll().execute();
    ctx.setNow('2026-03-20T12:00:00Z');
    await sweep(ctx);
    expect(await ctx.db.selectFrom('editions').selectAll().execute()).toEqual(before);
  });

  test('stays open while a slot further west is still to come', async () => {
    await seedReaders(ctx, 1, { name: 'honolulu', timeZone: 'Pacific/Honolulu', sendHour: 19 });
    await delivered(3);
    expect(await closeEditions(ctx, ctx.now())).toEqual([]);
    ctx.setNow('2026-03-21T06:00:00Z');
    await planAndCompose(ctx);
    await deliverAll({ ...ctx, transport: scriptedTransport() });
    expect(await closeEditions(ctx, ctx.now())).toEqual([edition]);
    expect((await readLedger(ctx.db, edition)).audience).toBe(4);
  });

  test('does not wait for slots that hold nobody active', async () => {
    const [gone] = await seedReaders(ctx, 1, {
      name: 'honolulu',
      timeZone: 'Pacific/Honolulu',
      sendHour: 19,
    });
    await delivered(3);
    await sql`update subscribers set status = 'unsubscribed' where id = ${gone!.id}`.execute(ctx.db);
    expect(await closeEditions(ctx, ctx.now())).toEqual([edition]);
  });

  test.each([
    ['a range is open', async () => void (await sql`update ranges set composed_at = null`.execute(ctx.db))],
    ['a batch is pending', async () => void (await sql`update batches set state = 'frozen'`.execute(ctx.db))],
    [
      'its ledger does not balance',
      async () => void (await sql`update ranges set audience = audience + 1`.execute(ctx.db)),
    ],
    [
      'a batch is gone',
      async () =>
        void (await sql`delete from batches where id = (select max(id) from batches)`.execute(ctx.db)),
    ],
  ])('stays open while %s', async (_, disturb) => {
    await delivered(120);
    await disturb();
    expect(await closeEditions(ctx, ctx.now())).toEqual([]);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ closed: false });
  });

  test('closes with what was refused, too late, left out and unknown in its ledger', async () => {
    await seedReaders(ctx, 2, { name: 'late', timeZone: 'Asia/Tokyo', sendHour: 16 });
    ctx.setNow('2026-03-20T19:30:00Z');
    await plan(ctx);
    ctx.setNow('2026-03-20T20:00:00Z');
    await seedReaders(ctx, 120, { name: 'late-evening', sendHour: 21 });
    await seedReaders(ctx, 1, { name: 'nothing', sendHour: 21, topics: ['volcano eruptions'] });
    await planAndCompose(ctx, '2026-03-20T21:00:00Z');
    await deliverAll({ ...ctx, transport: scriptedTransport([refuseAt(0, 7), conflict]) });
    await sweep(ctx);
    expect(await readLedger(ctx.db, edition)).toEqual({
      date: edition,
      audience: 123,
      pending: 0,
      accepted: 98,
      skipped: { nothing_new: 1, too_late: 2 },
      failed: { refused: 2 },
      unknown: 20,
      closed: true,
    });
  });

  test('that two sweeps close at once is closed once', async () => {
    await delivered(3);
    const closed = await Promise.all([1, 2, 3].map(() => closeEditions(ctx, ctx.now())));
    expect(closed.flat()).toEqual([edition]);
  });

  test('does not close under a reader who is just joining it', async () => {
    await delivered(1);
    await sql`insert into subscribers (address, status, slot_id) select 'new@uni.test', 'unconfirmed', id from slots`.execute(
      ctx.db,
    );
    await sql`update slots set time_zone = 'Pacific/Honolulu', send_hour = 20`.execute(ctx.db);
    const row = await ctx.db
      .selectFrom('subscribers')
      .select('id')
      .where('address', '=', 'new@uni.test')
      .executeTakeFirstOrThrow();
    const claims = { purpose: 'confirm' as const, subscriberId: row.id, addressVersion: 1 };
    const [closed] = await Promise.all([closeEditions(ctx, ctx.now()), confirm(ctx, claims)]);
    // Whichever came first: it is open and waits for them, or it is closed and they start with the next.
    const { not_before } = await ctx.db
      .selectFrom('subscribers')
      .select('not_before')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow();
    expect(not_before).toBe(closed.length > 0 ? '2026-03-21' : edition);
  });
});

describe('what can’t be asked any more', () => {
  test('is unknown twenty hours after its first attempt, unless somebody living is at it', async () => {
    await seedReaders(ctx, 2);
    const { batchIds } = await planAndCompose(ctx, due);
    const batchId = batchIds[0]!;
    await attempt({ ...ctx, transport: scriptedTransport([lost]) }, { batchId });
    await ageBatch(ctx, batchId, '19 hours 59 minutes');
    await sweep(ctx);
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'frozen' });
    await ageBatch(ctx, batchId, '2 minutes');
    await sql`update batches set lease = ${ctx.lease!.id()}`.execute(ctx.db);
    await sweep(ctx);
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'frozen' });
    await sql`update batches set lease = 7`.execute(ctx.db);
    await sweep(ctx);
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'unknown', lease: null });
    await sweep(ctx);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ unknown: 2, closed: true });
  });

  test('is too late twelve hours after its range was planned, when it was certainly never taken', async () => {
    await seedReaders(ctx, 2);
    const { batchIds } = await planAndCompose(ctx, due);
    const plannedAgo = (interval: string) =>
      sql`update ranges set created_at = now() - ${interval}::interval`.execute(ctx.db);
    await plannedAgo('11 hours 59 minutes');
    await sweep(ctx);
    expect(await readBatch(ctx, batchIds[0]!)).toMatchObject({ state: 'composed' });
    await plannedAgo('12 hours');
    expect(await claimBatch(ctx.db, batchIds[0]!, ctx.lease!.id())).toBeUndefined();
    await sweep(ctx);
    expect(await readBatch(ctx, batchIds[0]!)).toMatchObject({ state: 'empty', lease: null });
    await sweep(ctx);
    expect(await readLedger(ctx.db, edition)).toMatchObject({
      accepted: 0,
      skipped: { too_late: 2 },
      closed: true,
    });
  });

  test('and too late shows its papers again: they count as unseen', async () => {
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, due);
    await sql`update ranges set created_at = now() - interval '13 hours'`.execute(ctx.db);
    await sweep(ctx);
    await planAndCompose(ctx, '2026-03-21T07:00:00Z');
    const papers = async (date: string) =>
      (await readDigests(ctx, date)).find(({ subscriberId }) => subscriberId === reader!.id)!.papers;
    expect((await papers('2026-03-21')).toSorted()).toEqual((await papers(edition)).toSorted());
  });
});

test('sweeping may be cut off anywhere: a range composed meanwhile and a batch delivered meanwhile are left alone', async () => {
  await seedReaders(ctx, 3);
  ctx.setNow(due);
  const { rangeIds } = await plan(ctx);
  await Promise.all([sweep(ctx), compose(ctx, { rangeId: rangeIds[0]! }), sweep(ctx)]);
  const waiting = { ...ctx, transport: scriptedTransport() };
  await Promise.all([sweep(ctx), deliverAll(waiting), sweep(ctx)]);
  await sweep(ctx);
  expect(waiting.transport.submissions).toHaveLength(1);
  expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3, closed: true });
});
