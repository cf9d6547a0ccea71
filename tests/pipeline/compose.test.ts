import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { previewDigest } from '../../src/pipeline/preview.ts';
import { savePreferences } from '../../src/pipeline/preferences.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { saveTaste } from '../../src/pipeline/taste.ts';
import { nudge } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { lost, refuseAt, refuseWith, scriptedTransport } from '../support/scripted-transport.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
});

const list = '2026-03-19';
const edition = '2026-03-20';
const due = '2026-03-20T07:00:00Z';

async function papersOf(date: string): Promise<string[][]> {
  return (await readDigests(ctx, date)).map(({ papers }) => papers);
}

async function snapshotOf(date: string) {
  const batches = await ctx.db.selectFrom('batches').selectAll().orderBy('id').execute();
  return { digests: await readDigests(ctx, date), batches, ledger: await readLedger(ctx.db, date) };
}

/** The date after, with the lists up to the day before it. */
async function nextEdition(date: string): Promise<string[][]> {
  await planAndCompose(ctx, `${date}T07:00:00Z`);
  return papersOf(date);
}

describe('a range', () => {
  test('becomes one digest a reader, in batches of at most a hundred with places that count up', async () => {
    await seedDay(ctx, list, 5);
    const readers = await seedReaders(ctx, 250);
    await planAndCompose(ctx, due);
    const digests = await readDigests(ctx, edition);
    expect(digests.map(({ subscriberId }) => subscriberId)).toEqual(readers.map(({ id }) => id));
    const batches = await ctx.db.selectFrom('batches').selectAll().orderBy('id').execute();
    expect(batches.map((batch) => batch.positions.length)).toEqual([100, 100, 50]);
    for (const batch of batches) {
      const members = digests.filter(({ batchId }) => batchId === batch.id);
      expect(members.map(({ position }) => position)).toEqual(batch.positions);
      expect([batch.from_id, batch.to_id]).toEqual([members[0]!.subscriberId, members.at(-1)!.subscriberId]);
    }
    expect(await readLedger(ctx.db, edition)).toMatchObject({ audience: 250, pending: 250 });
  });

  test('composed twice changes nothing', async () => {
    await seedDay(ctx, list, 5);
    await seedReaders(ctx, 3);
    const { rangeIds } = await planAndCompose(ctx, due);
    const before = await snapshotOf(edition);
    await compose(ctx, { rangeId: rangeIds[0]! });
    expect(await snapshotOf(edition)).toEqual(before);
  });

  test('composed by two at once is composed once', async () => {
    await seedDay(ctx, list, 5);
    await seedReaders(ctx, 120);
    ctx.setNow(due);
    const { rangeIds } = await plan(ctx);
    const other = await openTestContext({ beside: ctx, now: due });
    const job = { rangeId: rangeIds[0]! };
    try {
      await Promise.all([compose(ctx, job), compose(other, job), compose(ctx, job), compose(other, job)]);
    } finally {
      await other.close();
    }
    expect(await readDigests(ctx, edition)).toHaveLength(120);
    expect((await snapshotOf(edition)).batches).toHaveLength(2);
  });

  test('that no planner made is nobody’s work', async () => {
    await compose(ctx, { rangeId: 2_000_000 });
    expect(await ctx.queues.queue('deliver').getWaitingCount()).toBe(0);
  });

  test('whose composing dies half-way leaves nothing, and is taken again', async () => {
    await seedDay(ctx, list, 5);
    await seedReaders(ctx, 150, { name: 'dies' });
    ctx.setNow(due);
    const { rangeIds } = await plan(ctx);
    let named = 0;
    const dying: TestContext = {
      ...ctx,
      fragments: {
        ...ctx.fragments,
        async idOf(name, render) {
          if (++named > 7) throw new Error('the process dies here');
          return ctx.fragments.idOf(name, render);
        },
      },
    };
    await expect(compose(dying, { rangeId: rangeIds[0]! })).rejects.toThrow('dies here');
    expect(await snapshotOf(edition)).toMatchObject({ digests: [], batches: [] });
    expect(await readLedger(ctx.db, edition)).toMatchObject({ audience: 150, pending: 150 });
    await compose(ctx, { rangeId: rangeIds[0]! });
    expect(await readDigests(ctx, edition)).toHaveLength(150);
  });

  test('whose nudges were lost in a crash is nudged by the sweep, batch by batch', async () => {
    await seedDay(ctx, list, 5);
    await seedReaders(ctx, 150);
    const { batchIds } = await planAndCompose(ctx, due);
    await ctx.queues.queue('deliver').obliterate({ force: true });
    await nudge(ctx);
    const jobs = await ctx.queues.queue('deliver').getPrioritized();
    expect(jobs.map((job) => job.data)).toEqual(batchIds.map((batchId) => ({ batchId })));
  });

  test('draws on the lists of its planning, however late it is composed', async () => {
    await seedDay(ctx, '2026-03-18', 2);
    await seedReaders(ctx, 1);
    ctx.setNow(due);
    const { rangeIds } = await plan(ctx);
    await seedDay(ctx, '2026-03-20', 2);
    ctx.setNow('2026-03-21T06:00:00Z');
    await compose(ctx, { rangeId: rangeIds[0]! });
    expect((await papersOf(edition))[0]!.toSorted()).toEqual([
      keyOf('2026-03-18', 0),
      keyOf('2026-03-18', 1),
    ]);
  });
});

describe('a reader', () => {
  test('without anything new, suppressed, or gone since planning has a row that says so', async () => {
    await seedDay(ctx, list, 5);
    const [stays, suppressed, left] = await seedReaders(ctx, 3);
    const [nothing] = await seedReaders(ctx, 1, { name: 'picky', topics: ['volcano eruptions'] });
    await suppress(ctx.db, {
      addressHash: addressHash(ctx.config.suppressionKey, suppressed!.address),
      reason: 'hard_bounce',
      origin: 'webhook',
    });
    ctx.setNow(due);
    const { rangeIds } = await plan(ctx);
    await unsubscribe(ctx, left!.id);
    await compose(ctx, { rangeId: rangeIds[0]! });
    const digests = await readDigests(ctx, edition);
    expect(digests.map(({ subscriberId, skipped }) => [subscriberId, skipped])).toEqual([
      [stays!.id, null],
      [suppressed!.id, 'suppressed'],
      [left!.id, 'unsubscribed'],
      [nothing!.id, 'nothing_new'],
    ]);
    for (const digest of digests.slice(1)) expect(digest).toMatchObject({ papers: [], batchId: null });
    expect(await readLedger(ctx.db, edition)).toMatchObject({
      audience: 4,
      pending: 1,
      skipped: { nothing_new: 1, suppressed: 1, unsubscribed: 1 },
    });
  });

  test('who left before planning is outside the audience', async () => {
    await seedDay(ctx, list, 5);
    const [first, left, last] = await seedReaders(ctx, 3);
    await unsubscribe(ctx, left!.id);
    await planAndCompose(ctx, due);
    const digests = await readDigests(ctx, edition);
    expect(digests.map(({ subscriberId }) => subscriberId)).toEqual([first!.id, last!.id]);
    expect((await readLedger(ctx.db, edition)).audience).toBe(2);
  });

  test('gets as many papers as they want, or as many as there are', async () => {
    await seedDay(ctx, list, 5);
    await seedReaders(ctx, 1, { name: 'few', maxPapers: 2 });
    await seedReaders(ctx, 1, { name: 'many', maxPapers: 30 });
    await planAndCompose(ctx, due);
    expect((await papersOf(edition)).map((papers) => papers.length)).toEqual([2, 5]);
  });

  test('without topics gets what is trending', async () => {
    await seedDay(ctx, list, [
      { title: 'On gardens', votes: 3 },
      { title: 'On bread', votes: 300 },
      { title: 'On rivers', votes: 30 },
    ]);
    await seedReaders(ctx, 1, { topics: [], maxPapers: 2 });
    await planAndCompose(ctx, due);
    expect(await papersOf(edition)).toEqual([[keyOf(list, 1), keyOf(list, 2)]]);
  });

  test('never gets a paper that they asked for less of', async () => {
    await seedDay(ctx, list, 3);
    const [reader] = await seedReaders(ctx, 1, { maxPapers: 5 });
    const claims = { purpose: 'taste' as const, subscriberId: reader!.id, addressVersion: 1 };
    expect(await saveTaste(ctx, claims, keyOf(list, 2), 'less')).toBe(true);
    await planAndCompose(ctx, due);
    expect((await papersOf(edition))[0]!.toSorted()).toEqual([keyOf(list, 0), keyOf(list, 1)]);
  });

  test('in Tokyo at seven gets the list of the day before, whose UTC day is over', async () => {
    await seedDay(ctx, list, 1);
    await seedDay(ctx, edition, 1);
    ctx.setNow('2026-03-20T12:00:00Z');
    await seedReaders(ctx, 1, { timeZone: 'Asia/Tokyo', sendHour: 7 });
    await planAndCompose(ctx, '2026-03-20T22:00:00Z');
    expect(await papersOf('2026-03-21')).toEqual([[keyOf(list, 0)]]);
  });
});

describe('a change of hour', () => {
  const choices = { topics: ['robots'], timeZone: 'UTC', weekdays: everyDay, maxPapers: 3 };

  test('between planning and composing gives one digest that day, in the new slot', async () => {
    await seedDay(ctx, list, 8);
    const [reader] = await seedReaders(ctx, 2);
    ctx.setNow(due);
    const { rangeIds } = await plan(ctx);
    const claims = { purpose: 'preferences' as const, subscriberId: reader!.id, addressVersion: 1 };
    await savePreferences(ctx, claims, { ...choices, sendHour: 9 });
    await compose(ctx, { rangeId: rangeIds[0]! });
    expect(await readDigests(ctx, edition)).toHaveLength(1);
    await planAndCompose(ctx, '2026-03-20T09:00:00Z');
    expect(await readDigests(ctx, edition)).toHaveLength(2);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ audience: 2, pending: 2 });
  });

  test('after composing gives no second digest that day', async () => {
    await seedDay(ctx, list, 8);
    const [reader] = await seedReaders(ctx, 1);
    const [other] = await seedReaders(ctx, 1, { name: 'other', sendHour: 9 });
    await planAndCompose(ctx, due);
    const claims = { purpose: 'preferences' as const, subscriberId: reader!.id, addressVersion: 1 };
    await savePreferences(ctx, claims, { ...choices, sendHour: 9 });
    expect((await planAndCompose(ctx, '2026-03-20T09:00:00Z')).dates).toEqual([edition]);
    expect(await readDigests(ctx, edition)).toMatchObject([
      { subscriberId: reader!.id },
      { subscriberId: other!.id },
    ]);
    expect(await nextEdition('2026-03-21')).toEqual([]);
    await planAndCompose(ctx, '2026-03-21T09:00:00Z');
    expect(await readDigests(ctx, '2026-03-21')).toHaveLength(2);
  });

  test('a range planned for one who has that date’s digest already leaves them out', async () => {
    await seedDay(ctx, list, 8);
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, due);
    const { rows } = await sql<{ id: number }>`
      insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected)
      select edition_date, slot_ids, from_id, to_id, made_at, expected from ranges returning id`.execute(
      ctx.db,
    );
    await compose(ctx, { rangeId: rows[0]!.id });
    expect(await readDigests(ctx, edition)).toMatchObject([{ subscriberId: reader!.id }]);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ audience: 1, pending: 1 });
  });
});

describe('which papers (RULES 1 and 2)', () => {
  beforeEach(() => seedReaders(ctx, 1, { maxPapers: 10 }));

  test('the list of a day that is not over is not drawn on, even when it is complete', async () => {
    await seedDay(ctx, edition, 3);
    expect(await nextEdition(edition)).toEqual([[]]);
  });

  test('a list read in part is drawn on three hours after its day, and the mail says so', async () => {
    await sql`delete from subscribers`.execute(ctx.db);
    ctx.setNow('2026-03-19T23:00:00Z');
    await seedDay(ctx, list, 2, { state: 'partial' });
    await seedReaders(ctx, 1, { name: 'at2x', sendHour: 2 });
    const [patient] = await seedReaders(ctx, 1, { name: 'at3x', sendHour: 3 });
    await planAndCompose(ctx, '2026-03-20T02:59:59Z');
    expect(await papersOf(edition)).toEqual([[]]);
    ctx.setNow('2026-03-20T03:00:00Z');
    const preview = await previewDigest(ctx, patient!.id);
    await planAndCompose(ctx, '2026-03-20T03:00:00Z');
    expect((await papersOf(edition)).map((papers) => papers.length)).toEqual([0, 2]);
    expect(preview).toMatchObject({ text: expect.stringMatching(/list was\s+not\s+complete/) });
  });

  test('a complete list is drawn on from midnight', async () => {
    await sql`delete from subscribers`.execute(ctx.db);
    ctx.setNow('2026-03-19T23:00:00Z');
    await seedDay(ctx, list, 2);
    await seedReaders(ctx, 1, { name: 'night', sendHour: 0 });
    await planAndCompose(ctx, '2026-03-20T00:00:00Z');
    expect((await papersOf(edition))[0]).toHaveLength(2);
  });

  test('a list that could not be read is not drawn on', async () => {
    await seedDay(ctx, list, 2, { state: 'failed' });
    expect(await nextEdition(edition)).toEqual([[]]);
  });

  test('a paper is a candidate for fourteen days after its first listing', async () => {
    await seedDay(ctx, '2026-03-05', 1);
    await seedDay(ctx, '2026-03-06', 1);
    expect(await nextEdition(edition)).toEqual([[keyOf('2026-03-06', 0)]]);
  });

  test('listing an old paper anew does not make it a candidate again', async () => {
    await seedDay(ctx, '2026-03-01', [{ key: 'arxiv:2603.00001' }]);
    await seedDay(ctx, list, [{ key: 'arxiv:2603.00001', version: 2 }]);
    expect(await nextEdition(edition)).toEqual([[]]);
  });

  test('a withdrawn paper is never a candidate', async () => {
    await seedDay(ctx, list, [{}, { withdrawn: true }]);
    expect(await nextEdition(edition)).toEqual([[keyOf(list, 0)]]);
  });

  test('late papers of an older list stay candidates', async () => {
    await seedDay(ctx, '2026-03-15', 1);
    expect(await nextEdition(edition)).toEqual([[keyOf('2026-03-15', 0)]]);
  });
});

describe('never twice (RULES 3)', () => {
  test('no paper comes again on a later day, whatever its version, source or second listing', async () => {
    const paper = { key: 'arxiv:2603.77777', title: 'Robots again' };
    await seedReaders(ctx, 1, { maxPapers: 10 });
    await seedDay(ctx, list, [paper]);
    expect(await nextEdition(edition)).toEqual([[paper.key]]);
    await seedDay(ctx, edition, [{ ...paper, version: 3, title: 'Robots again, revised', votes: 900 }]);
    expect(await nextEdition('2026-03-21')).toEqual([[]]);
    await seedDay(ctx, '2026-03-21', [paper, { key: 'arxiv:2603.88888' }], { source: 'arxiv:cs.RO' });
    expect(await nextEdition('2026-03-22')).toEqual([['arxiv:2603.88888']]);
  });

  test('over two weeks, every digest is full and nothing comes twice', async () => {
    await seedReaders(ctx, 2, { maxPapers: 2 });
    await seedDay(ctx, list, 30);
    const seen = new Set<string>();
    for (let day = 20; day <= 33; day++) {
      const date = new Date(Date.UTC(2026, 2, day)).toISOString().slice(0, 10);
      const [first, second] = await nextEdition(date);
      expect(first).toEqual(second);
      expect(first).toHaveLength(2);
      for (const key of first!) {
        expect(seen).not.toContain(key);
        seen.add(key);
      }
    }
  });

  test('the papers of a digest that was refused come again, those of the others do not', async () => {
    await seedDay(ctx, list, 3);
    await seedReaders(ctx, 3);
    await planAndCompose(ctx, due);
    await deliverAll({ ...ctx, transport: scriptedTransport([refuseAt(1)]) });
    expect((await nextEdition('2026-03-21')).map((papers) => papers.length)).toEqual([0, 3, 0]);
  });

  test('after a batch was cut in halves, only the culprit’s papers come again', async () => {
    await seedDay(ctx, list, 3);
    const readers = await seedReaders(ctx, 5);
    await planAndCompose(ctx, due);
    const script = Array.from({ length: 20 }, () => refuseWith(readers[3]!.address));
    await deliverAll({ ...ctx, transport: scriptedTransport(script) });
    expect((await nextEdition('2026-03-21')).map((papers) => papers.length)).toEqual([0, 0, 0, 3, 0]);
  });

  test('the papers of one who was left out at the freeze come again when they are back', async () => {
    await seedDay(ctx, list, 3);
    const [left] = await seedReaders(ctx, 2);
    await planAndCompose(ctx, due);
    await unsubscribe(ctx, left!.id);
    await deliverAll({ ...ctx, transport: scriptedTransport() });
    await sql`update subscribers set status = 'active', unsubscribed_at = null`.execute(ctx.db);
    expect((await nextEdition('2026-03-21')).map((papers) => papers.length)).toEqual([3, 0]);
  });

  test('the papers of a digest whose outcome is unknown do not come again', async () => {
    await seedDay(ctx, list, 3);
    await seedReaders(ctx, 1);
    const { batchIds } = await planAndCompose(ctx, due);
    const mine = { ...ctx, transport: scriptedTransport([lost]) };
    await deliverAll(mine);
    await sql`update batches set state = 'unknown' where id = ${batchIds[0]!}`.execute(ctx.db);
    expect(await nextEdition('2026-03-21')).toEqual([[]]);
  });

  test('the papers of a digest that the provider reports as failed come again', async () => {
    await seedDay(ctx, list, 3);
    await seedReaders(ctx, 1);
    await planAndCompose(ctx, due);
    await deliverAll({ ...ctx, transport: scriptedTransport() });
    await sql`update digests set failed_at = now()`.execute(ctx.db);
    expect((await nextEdition('2026-03-21'))[0]).toHaveLength(3);
  });
});
