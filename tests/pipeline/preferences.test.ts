import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { everyDay } from '../../src/domain/cadence.ts';
import type { Choices } from '../../src/domain/choices.ts';
import type { TokenClaims } from '../../src/domain/tokens.ts';
import { curatedTopics, topicsMax } from '../../src/domain/topic.ts';
import { eraseSubscriber } from '../../src/pipeline/erase.ts';
import { type Preferences, readPreferences, savePreferences } from '../../src/pipeline/preferences.ts';
import { saveTaste } from '../../src/pipeline/taste.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
let token: TokenClaims;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  const [reader] = await seedReaders(ctx, 1);
  token = { purpose: 'preferences', subscriberId: reader!.id, addressVersion: 1 };
});

const choices: Choices = {
  topics: ['robotics'],
  timeZone: 'UTC',
  sendHour: 7,
  weekdays: everyDay,
  maxPapers: 3,
};
const read = () => readPreferences(ctx, token);

async function save(change: Partial<Choices>): Promise<Preferences> {
  const result = await savePreferences(ctx, token, { ...choices, ...change });
  if ('faults' in result) throw new Error(result.faults.join(' '));
  return result.saved;
}

async function faults(change: Partial<Choices>): Promise<string[]> {
  const result = await savePreferences(ctx, token, { ...choices, ...change });
  return 'faults' in result ? result.faults : [];
}

describe('saving preferences', () => {
  test('replaces topics, time, days and amount, and reads back the same', async () => {
    const saved = await save({
      topics: ['agents', 'Agents', 'Quantum Chess'],
      sendHour: 9,
      weekdays: 5,
      maxPapers: 30,
    });
    expect(saved).toMatchObject({ sendHour: 9, weekdays: 5, maxPapers: 30, nextLocalDate: '2026-03-23' });
    expect(saved.topics.map(({ name }) => name)).toEqual(['Agents', 'Quantum Chess']);
    expect(await read()).toEqual(saved);
  });

  test('twice changes nothing', async () => {
    const saved = await save({ topics: ['agents'], sendHour: 9 });
    expect(await save({ topics: ['agents'], sendHour: 9 })).toEqual(saved);
  });

  test('takes fifty topics and refuses one more', async () => {
    const topics = Array.from({ length: topicsMax }, (_, n) => `subject ${n}`);
    expect((await save({ topics })).topics).toHaveLength(50);
    expect(await faults({ topics: [...topics, 'one more'] })).toEqual([
      'At most 50 topics, please; there are 51.',
    ]);
    expect((await read())?.topics).toHaveLength(50);
  });

  test('takes none: what is trending then', async () => {
    expect((await save({ topics: [] })).topics).toEqual([]);
  });

  test.each<[string, Partial<Choices>, string]>([
    ['an unknown zone', { timeZone: 'Mars/Olympus' }, 'This time zone is not known here'],
    ['hour 24', { sendHour: 24 }, 'hour must be from 0 to 23'],
    ['half an hour', { sendHour: 7.5 }, 'hour must be from 0 to 23'],
    ['no hour', { sendHour: Number.NaN }, 'hour must be from 0 to 23'],
    ['no day', { weekdays: 0 }, 'at least one day'],
    ['an eighth day', { weekdays: 128 }, 'at least one day'],
    ['no papers', { maxPapers: 0 }, 'papers must be from 1 to 30'],
    ['31 papers', { maxPapers: 31 }, 'papers must be from 1 to 30'],
    ['stop words', { topics: ['robotics', 'the of'] }, 'The topic "the of" has no word'],
    ['only what to leave out', { topics: ['-cats'] }, 'only says what to leave out'],
    ['an overlong topic', { topics: ['x'.repeat(10_000_000)] }, 'too long'],
  ])('%s is refused in a sentence, and nothing of it is saved', async (_, change, sentence) => {
    const before = await read();
    const found = await faults({ topics: ['agents'], sendHour: 9, maxPapers: 9, ...change });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(sentence);
    expect(found[0]!.length).toBeLessThan(200);
    expect(await read()).toEqual(before);
  });

  test('names every fault at once', async () => {
    expect(
      await faults({ timeZone: '', sendHour: 99, weekdays: 0, maxPapers: 0, topics: ['the'] }),
    ).toHaveLength(5);
  });

  test('by a link for an older address, or for somebody erased, saves nothing', async () => {
    const stale = { ...token, addressVersion: 2 };
    expect(await savePreferences(ctx, stale, choices)).toMatchObject({
      faults: [expect.stringContaining('no longer')],
    });
    expect(await readPreferences(ctx, stale)).toBeUndefined();
    await eraseSubscriber(ctx, 'reader1@uni.test');
    expect(await read()).toBeUndefined();
    expect(await faults({})).toEqual(['This link is no longer good; ask for a fresh one.']);
    expect(await ctx.db.selectFrom('follows').selectAll().execute()).toEqual([]);
  });

  test('right after a digest names the next one, on a later date (RULES 5)', async () => {
    await seedDay(ctx, '2026-03-19', 3);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    ctx.setNow('2026-03-20T07:05:00Z');
    const saved = await save({ sendHour: 8 });
    expect(saved).toMatchObject({ nextLocalDate: '2026-03-21', nextDueAt: new Date('2026-03-21T08:00:00Z') });
    expect((await save({ sendHour: 7 })).nextDueAt).toEqual(new Date('2026-03-21T07:00:00Z'));
  });

  test('of anything but the slot leaves the next digest where it is', async () => {
    const before = await read();
    expect((await save({ topics: ['agents'], maxPapers: 9 })).nextDueAt).toEqual(before?.nextDueAt);
  });
});

test('every curated topic is found by its slug and by its name', async () => {
  const bySlug = (await save({ topics: curatedTopics.map(({ slug }) => slug) })).topics;
  expect(bySlug).toHaveLength(curatedTopics.length);
  expect((await save({ topics: curatedTopics.map(({ name }) => name) })).topics).toEqual(bySlug);
});

describe('taste', () => {
  const tastes = () => ctx.db.selectFrom('tastes').select(['says']).execute();

  test('is one word a paper: the last one counts, and it can be taken back', async () => {
    await seedDay(ctx, '2026-03-19', 1);
    const key = keyOf('2026-03-19', 0);
    for (const says of ['more', 'more', 'less'] as const)
      expect(await saveTaste(ctx, token, key, says)).toBe(true);
    expect(await tastes()).toEqual([{ says: 'less' }]);
    for (let time = 0; time < 2; time++) expect(await saveTaste(ctx, token, key, 'none')).toBe(true);
    expect(await tastes()).toEqual([]);
  });

  test('about no paper of ours, or by a stale link, is nothing', async () => {
    await seedDay(ctx, '2026-03-19', 1);
    expect(await saveTaste(ctx, token, 'arxiv:0000.00000', 'more')).toBe(false);
    expect(await saveTaste(ctx, { ...token, addressVersion: 9 }, keyOf('2026-03-19', 0), 'more')).toBe(false);
    expect(await tastes()).toEqual([]);
  });
});
