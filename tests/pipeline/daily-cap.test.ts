import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { insertNotice } from '../../src/db/notices.ts';
import { roomToday, takeRoomToday } from '../../src/pipeline/daily-cap.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { nudge } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  acceptAll,
  lost,
  parked,
  refuseAt,
  refused,
  type Scripted,
  scriptedTransport,
  type ScriptedTransport,
  tooFast,
} from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
});

type Scene = TestContext & { transport: ScriptedTransport; readers: SeededReader[] };

async function composed(count: number, cap: number, ...script: Scripted[]): Promise<Scene> {
  await seedDay(base, '2026-03-19', 3);
  const readers = await seedReaders(base, count);
  await planAndCompose(base, '2026-03-20T07:00:00Z');
  const transport = scriptedTransport(script);
  return { ...capped(cap), transport, readers };
}

const capped = (mails: number): TestContext => ({
  ...base,
  config: { ...base.config, dailyCap: { mails } },
});

/** Whatever waits, tried some times over. */
async function deliverRounds(ctx: TestContext, rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await hurry(ctx);
    const waiting = await ctx.db
      .selectFrom('batches')
      .select('id')
      .where('state', 'in', ['composed', 'frozen'])
      .orderBy('id')
      .execute();
    for (const { id } of waiting) await attempt(ctx, { batchId: id });
  }
}

/** As if the day that was counted were yesterday. */
async function midnight(): Promise<void> {
  await sql`update gates set mails_on = mails_on - 1`.execute(base.db);
  await sql`update batches set first_attempt_at = first_attempt_at - interval '1 day'`.execute(base.db);
}

const ledger = () => readLedger(base.db, edition);
const sizes = ({ transport }: Scene) => transport.submissions.map(({ members }) => members);

async function announce(reader: SeededReader, kind: 'announcement' | 'link'): Promise<{ noticeId: number }> {
  const noticeId = await insertNotice(base.db, {
    subscriberId: reader.id,
    kind,
    cause: `${kind} of today`,
    address: reader.address,
  });
  return { noticeId: noticeId! };
}

describe('the daily cap', () => {
  test('is used to the last mail, over batches that do not fit; the rest follows the next day', async () => {
    const ctx = await composed(130, 107);
    await deliverRounds(ctx);
    expect(sizes(ctx)).toEqual([100, 7]);
    expect(await ledger()).toMatchObject({ accepted: 107, pending: 23 });
    expect(await drain(ctx, [edition])).toEqual({
      done: false,
      reason: 'The daily cap is reached: the rest waits for 00:00 UTC.',
    });
    await midnight();
    await deliverRounds(ctx);
    expect(sizes(ctx)).toEqual([100, 7, 23]);
    const to = ctx.transport.submissions.flatMap((submission) => submission.to);
    expect(new Set(to).size).toBe(130);
    expect(await ledger()).toMatchObject({ accepted: 130, pending: 0 });
  });

  test('is one for all processes: together they never take more', async () => {
    const ctx = await composed(1, 50);
    await deliverRounds(ctx);
    const taken = await Promise.all(Array.from({ length: 30 }, () => takeRoomToday(ctx, 5, true)));
    // One mail has gone, and nine fives fit beside it.
    expect(taken.filter((room) => room !== undefined)).toHaveLength(9);
    expect(await roomToday(ctx)).toBe(4);
  });

  test('knows the morning when it is set at noon', async () => {
    const ctx = await composed(130, 1);
    await deliverRounds({ ...ctx, config: base.config });
    expect(await roomToday({ ...ctx, ...capped(200), transport: ctx.transport })).toBe(70);
  });

  test('counts what was accepted or may be, and nothing that was certainly refused', async () => {
    const ctx = await composed(10, 1000, tooFast, refuseAt(2), acceptAll);
    await deliverRounds(ctx);
    expect(await roomToday(ctx)).toBe(991);
    await midnight();
    expect(await roomToday(ctx)).toBe(1000);
  });

  test('gets its room back from batches that are refused, parked or split', async () => {
    const ctx = await composed(4, 100, refused, parked(new Date(Date.now() + 60_000)));
    await deliverRounds(ctx);
    expect(await ledger()).toMatchObject({ accepted: 0, pending: 4 });
    expect(await roomToday(ctx)).toBe(100);
  });

  test('has room for a replay, whatever else it has none for', async () => {
    const ctx = await composed(3, 3, lost);
    await deliverRounds(ctx, 1);
    expect(await roomToday(ctx)).toBe(0);
    await ctx.queues.queue('deliver').obliterate({ force: true });
    await hurry(ctx);
    await nudge(ctx);
    expect(await ctx.queues.queue('deliver').getPrioritizedCount()).toBe(1);
    await deliverRounds(ctx, 1);
    expect(sizes(ctx)).toEqual([3, 3]);
    expect(await ledger()).toMatchObject({ accepted: 3 });
    expect(await roomToday(ctx)).toBe(0);
  });

  test('holds announcements, and never a mail that somebody waits for; both count', async () => {
    const ctx = await composed(2, 2);
    await deliverRounds(ctx);
    const [reader] = ctx.readers;
    const awaited = await announce(reader!, 'link');
    const announcement = await announce(reader!, 'announcement');
    await ctx.queues.queue('deliver').obliterate({ force: true });
    await nudge(ctx);
    const jobs = await ctx.queues.queue('deliver').getJobs(['waiting', 'prioritized']);
    expect(jobs.map(({ data }) => data as unknown)).toEqual([awaited]);
    await attempt(ctx, awaited);
    await attempt(ctx, announcement);
    const states = await base.db
      .selectFrom('notices')
      .select(['kind', 'state', 'lease'])
      .orderBy('id')
      .execute();
    expect(states).toEqual([
      { kind: 'link', state: 'accepted', lease: null },
      { kind: 'announcement', state: 'composed', lease: null },
    ]);
    const { rows } = await sql<{
      mails: number;
    }>`select mails from gates where transport = 'scripted'`.execute(base.db);
    expect(rows).toEqual([{ mails: 3 }]);
  });

  test('says once that it is reached, and that it starts afresh at 00:00 UTC', async () => {
    const said: string[] = [];
    const ctx = await composed(130, 107);
    const log = Object.assign(Object.create(ctx.log) as typeof ctx.log, {
      warn: (_: object, sentence: string) => void said.push(sentence),
    });
    await deliverRounds({ ...ctx, log });
    expect(said).toEqual(['the daily cap is reached; the rest waits for 00:00 UTC']);
  });
});
