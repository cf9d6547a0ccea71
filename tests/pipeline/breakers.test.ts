import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { canaryWaitMs } from '../../src/domain/breaker.ts';
import { digestTag } from '../../src/domain/digest.ts';
import { actOnEdition, editionCourses, judgeEditions } from '../../src/pipeline/breakers.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { nudge, sweep } from '../../src/pipeline/sweep.ts';
import { track } from '../../src/pipeline/track.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  lost,
  refused,
  type Scripted,
  scriptedTransport,
  type ScriptedTransport,
} from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';

let base: TestContext;
const logged: string[] = [];
beforeAll(async () => {
  base = await openTestContext({
    env: { MAIL_RATE_PER_SECOND: '1000', LOG_LEVEL: 'warn' },
    logSink: { write: (line) => void logged.push(line) },
  });
});
afterAll(() => base.close());

type Scene = TestContext & { transport: ScriptedTransport };
let ctx: Scene;
let first: SeededReader[];
let later: SeededReader[];

/** An edition of which some digests were accepted, and others wait: of the readers at seven, and of those at eight. */
async function began(
  mailed: number,
  waiting: readonly number[],
  transport = scriptedTransport(),
): Promise<number[]> {
  await wipe(base);
  logged.length = 0;
  base.setNow('2026-03-20T06:00:00Z');
  await seedDay(base, '2026-03-19', 3);
  first = mailed > 0 ? await seedReaders(base, mailed) : [];
  ctx = { ...base, transport };
  for (const batchId of (await planAndCompose(ctx, '2026-03-20T07:00:00Z')).batchIds)
    await attempt(ctx, { batchId });
  later = [];
  const batchIds: number[] = [];
  for (const [n, count] of waiting.entries()) {
    later.push(...(await seedReaders(base, count, { name: `later${n}`, sendHour: 8 + n })));
    const hour = String(8 + n).padStart(2, '0');
    const { batchIds: all } = await planAndCompose(ctx, `2026-03-20T${hour}:00:00Z`);
    batchIds.push(...all.filter((id) => !batchIds.includes(id)));
  }
  return batchIds;
}

/** As the world reported it; what is left out was delivered. */
async function report(readers: readonly SeededReader[], ...classes: string[]): Promise<void> {
  for (const [n, { id }] of readers.entries()) {
    const word = classes[n] ?? 'delivered';
    const column = word === 'delivered' || word === 'complained' ? `${word}_at` : 'bounced_at';
    await sql`update digests set ${sql.ref(column)} = now(),
      bounce_class = ${column === 'bounced_at' ? word : null} where subscriber_id = ${id}`.execute(base.db);
  }
}

const times = (n: number, word: string) => Array<string>(n).fill(word);
const course = async () => (await editionCourses(ctx))[0]!;
const ledger = () => readLedger(base.db, edition);
const act = (one: 'pause' | 'resume' | 'letGo') => actOnEdition(ctx, edition, one, 'operator');
const mailedTo = () => ctx.transport.submissions.flatMap(({ to }) => to);

/** One attempt at each batch. */
async function deliverOnce(batchIds: readonly number[]): Promise<void> {
  await hurry(ctx);
  for (const batchId of batchIds) await attempt(ctx, { batchId });
}

async function settledAgo(ms: number): Promise<void> {
  await sql`update editions set resumed_at = resumed_at - make_interval(secs => ${ms / 1000}::float8)`.execute(
    base.db,
  );
  await sql`update batches set settled_at = settled_at - make_interval(secs => ${ms / 1000}::float8)`.execute(
    base.db,
  );
}

describe('an edition', () => {
  test('over 3 % hard bounces after 200 outcomes is paused by the event that makes it so, and says so', async () => {
    const [waiting] = await began(200, [3]);
    await report(first.slice(1), ...times(6, 'hard'));
    await judgeEditions(ctx);
    expect((await course()).course).toBe('flowing');
    const { id } = first[0]!;
    await storeWebhookEvent(base.db, {
      svixId: 'msg_last',
      type: 'email.bounced',
      body: JSON.stringify({
        type: 'email.bounced',
        created_at: '2026-03-20T07:00:09Z',
        data: {
          email_id: 'any',
          tags: { digest: digestTag(id, edition) },
          bounce: { type: 'Permanent', diagnosticCode: ['smtp; 550 5.1.1 user unknown'] },
        },
      }),
    });
    await track(ctx);
    const reason = 'Of 200 reported digests 7 bounced hard, 3.5 %; the limit is 3 %.';
    expect(await course()).toMatchObject({ course: 'paused', reason });
    expect(logged.join('')).toContain(`The edition of ${edition} is paused. ${reason}`);

    ctx.transport.submissions.length = 0;
    await ctx.queues.queue('deliver').obliterate({ force: true });
    await nudge(ctx);
    expect(await ctx.queues.queue('deliver').getPrioritizedCount()).toBe(0);
    await deliverOnce([waiting!]);
    expect(ctx.transport.submissions).toEqual([]);
    expect(await readBatch(ctx, waiting!)).toMatchObject({ state: 'composed', lease: null });
    expect(await ledger()).toMatchObject({ accepted: 200, pending: 3 });
    const drained = await drain(ctx, [edition]);
    expect(drained).toMatchObject({
      done: false,
      reason: expect.stringContaining('edition resume 2026-03-20'),
    });
  });

  test('is paused by a wave of policy and content bounces without waiting for 200', async () => {
    await began(30, [2]);
    await report(first.slice(0, 25), ...times(12, 'policy'), ...times(7, 'content'));
    await judgeEditions(ctx);
    expect((await course()).course).toBe('flowing');
    await report(first.slice(25, 26), 'content');
    await judgeEditions(ctx);
    expect(await course()).toMatchObject({
      course: 'paused',
      reason: 'Of 26 reported digests 20 bounced for our standing or the content, 76.92 %; the limit is 3 %.',
    });
  });

  test('that trips is paused once, however many judge it', async () => {
    await began(20, []);
    await report(first, ...times(20, 'policy'));
    await Promise.all([judgeEditions(ctx), judgeEditions(ctx), sweep(ctx), judgeEditions(ctx)]);
    expect(logged.filter((line) => line.includes('is paused'))).toHaveLength(1);
  });

  test('is counted again only where an earlier count does not acquit it', async () => {
    await began(40, [1]);
    await report(first.slice(0, 30));
    await judgeEditions(ctx);
    expect(await course()).toMatchObject({ course: 'flowing', reported: 0 });
    await report(first.slice(30, 31), 'complained');
    await judgeEditions(ctx);
    expect(await course()).toMatchObject({ course: 'flowing', reported: 31 });
  });

  test('that a mail server refuses trips by its answers, without any report of deliveries', async () => {
    const policy: Scripted = {
      outcome: 'refused',
      code: 'smtp_550',
      reason: '550 5.7.1 blocked',
      bounce: 'policy',
      limits: {},
    };
    const transport = { ...scriptedTransport(Array(20).fill(policy)), isKeyless: true };
    const [waiting] = await began(0, [26], transport);
    await deliverOnce([waiting!]);
    const singles = await base.db
      .selectFrom('batches')
      .select('id')
      .where('state', '=', 'composed')
      .execute();
    await deliverOnce(singles.slice(0, 24).map(({ id }) => id));
    await sweep(ctx);
    expect(await course()).toMatchObject({
      course: 'paused',
      reason: expect.stringMatching(/^Of 24 reported digests 20 bounced for our standing/),
    });
    await deliverOnce(singles.map(({ id }) => id));
    expect(await ledger()).toMatchObject({ accepted: 4, failed: { policy: 20 }, pending: 2 });
  });
});

describe('while an edition is paused', () => {
  test('what may have been taken is replayed, which settles it', async () => {
    const [open, waiting] = await began(1, [2, 3]);
    ctx.transport.script.push(lost);
    await deliverOnce([open!]);
    expect(await act('pause')).toBe(true);
    await deliverOnce([open!, waiting!]);
    expect(await readBatch(ctx, open!)).toMatchObject({ state: 'accepted' });
    expect(await readBatch(ctx, waiting!)).toMatchObject({ state: 'composed' });
    const [, asked, replayed] = ctx.transport.submissions;
    expect(replayed).toEqual(asked);
  });

  test('a request that stands in line meanwhile stands back, unfrozen', async () => {
    const [waiting] = await began(1, [2]);
    ctx.transport.submissions.length = 0;
    await sql`update gates set next_slot_at = now() + interval '900 ms'`.execute(base.db);
    const standing = attempt(ctx, { batchId: waiting! });
    for (let state = ''; state !== 'frozen';) ({ state } = await readBatch(ctx, waiting!));
    await act('pause');
    await standing;
    expect(ctx.transport.submissions).toEqual([]);
    expect(await readBatch(ctx, waiting!)).toMatchObject({ state: 'composed', key: null, lease: null });
  });

  test('what waits for more than twelve hours is too late, and the ledger closes', async () => {
    await began(2, [3]);
    await act('pause');
    await sql`update ranges set created_at = now() - interval '13 hours'`.execute(base.db);
    ctx.setNow('2026-03-21T09:00:00Z');
    await planAndCompose(ctx);
    await sweep(ctx);
    expect(await ledger()).toMatchObject({ accepted: 2, skipped: { too_late: 3 }, pending: 0, closed: true });
  });

  test('an operator’s acts are one each and logged; those that mean nothing do nothing', async () => {
    await began(1, [2]);
    expect(await act('resume')).toBe(false);
    expect(await act('letGo')).toBe(false);
    expect(await act('pause')).toBe(true);
    expect(await act('pause')).toBe(false);
    expect(await act('letGo')).toBe(false);
    expect(await act('resume')).toBe(true);
    expect(await act('letGo')).toBe(true);
    expect(await actOnEdition(ctx, '1999-01-01', 'pause', 'operator')).toBe(false);
    const actions = await base.db
      .selectFrom('operator_actions')
      .select(['action', 'subject'])
      .orderBy('id')
      .execute();
    expect(actions.slice(-3)).toEqual([
      { action: 'paused an edition', subject: edition },
      { action: 'resumed an edition, a canary first', subject: edition },
      { action: 'let the rest of an edition go', subject: edition },
    ]);
  });
});

describe('after a resume', () => {
  /** Resumed after a wave, with three batches waiting: of 2, of 12 and of 3 readers. */
  async function resumed(...script: Scripted[]): Promise<number[]> {
    const batchIds = await began(20, [2, 12, 3]);
    await report(first, ...times(20, 'policy'));
    await judgeEditions(ctx);
    expect(await act('resume')).toBe(true);
    ctx.transport.submissions.length = 0;
    ctx.transport.script.push(...script);
    return batchIds;
  }
  const canaryReaders = () => later.slice(2, 14);

  test('the largest batch goes first, and the rest when it is known to be good', async () => {
    const batchIds = await resumed();
    await deliverOnce(batchIds);
    expect(mailedTo()).toEqual(canaryReaders().map(({ address }) => address));
    await report(canaryReaders().slice(0, 10));
    await sweep(ctx);
    expect((await course()).course).toBe('trying');
    await deliverOnce(batchIds);
    expect(ctx.transport.submissions).toHaveLength(1);
    await report(canaryReaders().slice(10, 11));
    await sweep(ctx);
    // The wave before the resume is not held against it again.
    await sweep(ctx);
    expect((await course()).course).toBe('flowing');
    await deliverOnce(batchIds);
    expect(mailedTo()).toHaveLength(17);
    expect(await ledger()).toMatchObject({ accepted: 37, pending: 0 });
  });

  test('a bad canary pauses the edition again, with its figures', async () => {
    const batchIds = await resumed();
    await deliverOnce(batchIds);
    await report(canaryReaders(), 'policy', 'policy');
    await judgeEditions(ctx);
    expect(await course()).toMatchObject({
      course: 'paused',
      reason: 'Of its canary’s 12 digests 2 bounced for our standing or the content.',
    });
    await deliverOnce(batchIds);
    expect(ctx.transport.submissions).toHaveLength(1);
  });

  test('a canary of which nothing is heard pauses it again; an operator may let the rest go all the same', async () => {
    const batchIds = await resumed();
    await deliverOnce(batchIds);
    await settledAgo(canaryWaitMs - 5_000);
    await sweep(ctx);
    expect((await course()).course).toBe('trying');
    await settledAgo(10_000);
    await sweep(ctx);
    expect(await course()).toMatchObject({
      course: 'paused',
      reason: 'Of its canary’s 12 digests nothing was reported within 30 minutes.',
    });
    await act('resume');
    await deliverOnce(batchIds);
    expect(mailedTo()).toHaveLength(15);
    await act('letGo');
    await deliverOnce(batchIds);
    expect(mailedTo()).toHaveLength(17);
  });

  test('a canary that is refused as a whole goes on in halves, and still goes first', async () => {
    const batchIds = await resumed(refused);
    await deliverOnce(batchIds);
    const halves = await base.db
      .selectFrom('batches')
      .select('id')
      .where('origin_id', '=', batchIds[1]!)
      .execute();
    await deliverOnce([...batchIds, ...halves.map(({ id }) => id)]);
    expect(new Set(mailedTo())).toEqual(new Set(canaryReaders().map(({ address }) => address)));
    await report(canaryReaders());
    await judgeEditions(ctx);
    expect((await course()).course).toBe('flowing');
  });

  test('a canary that everybody has left is no canary: the next largest goes', async () => {
    const batchIds = await resumed();
    for (const { id } of canaryReaders()) await unsubscribe(ctx, id);
    await deliverOnce(batchIds);
    expect(ctx.transport.submissions).toEqual([]);
    await sweep(ctx);
    await deliverOnce(batchIds);
    expect(mailedTo()).toEqual(later.slice(14).map(({ address }) => address));
  });

  test('what is composed only then is the canary, if nothing else waits', async () => {
    await began(20, []);
    await report(first, ...times(20, 'policy'));
    await judgeEditions(ctx);
    await act('resume');
    await seedReaders(base, 2, { name: 'evening', sendHour: 20 });
    const { batchIds } = await planAndCompose(ctx, '2026-03-20T20:00:00Z');
    await deliverOnce(batchIds);
    expect(await ledger()).toMatchObject({ pending: 2 });
    await sweep(ctx);
    await deliverOnce(batchIds);
    expect(await ledger()).toMatchObject({ pending: 0, accepted: 22 });
  });
});

test('a pause holds back its own edition and no other', async () => {
  await began(1, [2]);
  await act('pause');
  await seedReaders(base, 2, { name: 'tokyo', timeZone: 'Pacific/Kiritimati', sendHour: 0 });
  const { batchIds } = await planAndCompose(ctx, '2026-03-20T10:00:00Z');
  await deliverOnce(batchIds);
  expect(await readLedger(base.db, '2026-03-21')).toMatchObject({ accepted: 2 });
  expect(await ledger()).toMatchObject({ accepted: 1, pending: 2 });
});
