import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findByAddress } from '../../src/db/subscribers.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import type { TokenClaims } from '../../src/domain/tokens.ts';
import { readPreferences } from '../../src/pipeline/preferences.ts';
import { confirm, resubscribe, subscribe, unsubscribe } from '../../src/pipeline/subscription.ts';
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

const choices = {
  topics: ['robotics'],
  timeZone: 'Europe/Paris',
  sendHour: 7,
  weekdays: everyDay,
  maxPapers: 5,
};
const request = { ...choices, address: 'Ada@uni.test', consent: 'form' };
const find = () => findByAddress(ctx.db, 'ada@uni.test');

async function claims(purpose: TokenClaims['purpose'] = 'preferences'): Promise<TokenClaims> {
  const row = (await find())!;
  return { purpose, subscriberId: row.id, addressVersion: row.addressVersion };
}

/** The kinds of notices in the order in which they were made. */
async function notices(): Promise<string[]> {
  const rows = await ctx.db.selectFrom('notices').select('kind').orderBy('id').execute();
  return rows.map(({ kind }) => kind);
}

async function join() {
  await subscribe(ctx, request);
  await confirm(ctx, await claims('confirm'));
}

async function preferences() {
  return (await readPreferences(ctx, await claims()))!;
}

describe('asking for a subscription', () => {
  test('leaves an unconfirmed subscriber and one confirmation, however often it is asked', async () => {
    for (let time = 0; time < 3; time++) await subscribe(ctx, request);
    expect(await find()).toMatchObject({ status: 'unconfirmed', wantedTopics: ['Robotics'], maxPapers: 5 });
    expect(await notices()).toEqual(['confirm']);
    expect((await preferences()).topics).toEqual([]);
  });

  test('many times at once is one subscriber and one confirmation', async () => {
    await Promise.all(Array.from({ length: 6 }, () => subscribe(ctx, request)));
    expect(await notices()).toEqual(['confirm']);
  });

  test('again before confirming takes what was said last', async () => {
    await subscribe(ctx, request);
    await subscribe(ctx, {
      ...request,
      topics: ['agents'],
      sendHour: 9,
      timeZone: 'Asia/Tokyo',
      maxPapers: 3,
    });
    await confirm(ctx, await claims('confirm'));
    expect(await preferences()).toMatchObject({ sendHour: 9, timeZone: 'Asia/Tokyo', maxPapers: 3 });
    expect((await preferences()).topics.map(({ slug }) => slug)).toEqual(['agents']);
  });

  test('from a known address sends a fresh link once a day and changes nothing', async () => {
    await join();
    const before = await preferences();
    for (let time = 0; time < 2; time++)
      await subscribe(ctx, { ...request, topics: ['agents'], maxPapers: 1 });
    expect(await preferences()).toEqual(before);
    expect(await notices()).toEqual(['confirm', 'welcome', 'link']);
  });

  test('from a suppressed address leaves nothing at all', async () => {
    const hash = addressHash(ctx.config.suppressionKey, 'ada@uni.test');
    await suppress(ctx.db, { addressHash: hash, reason: 'hard_bounce', origin: 'webhook' });
    await subscribe(ctx, request);
    expect(await find()).toBeUndefined();
    expect(await notices()).toEqual([]);
  });

  test('with an address that is none does nothing, and does not throw', async () => {
    for (const address of ['', 'ada', 'ada@uni.test\r\nBcc: eve@uni.test', '\0@uni.test']) {
      await subscribe(ctx, { ...request, address });
    }
    expect(await notices()).toEqual([]);
  });

  test('with control characters in a topic keeps the words without them', async () => {
    await subscribe(ctx, { ...request, topics: ['robot\0 \u202Ehands', 'robot hands', 'language-models'] });
    expect((await find())!.wantedTopics).toEqual(['robot hands', 'Language models']);
  });
});

describe('confirming', () => {
  test('makes active, with the topics asked for and one welcome; twice changes nothing', async () => {
    await subscribe(ctx, { ...request, topics: ['robotics', 'Quantum Chess'] });
    const token = await claims('confirm');
    expect(await confirm(ctx, token)).toBe('confirmed');
    const after = await preferences();
    expect(after).toMatchObject({
      status: 'active',
      nextLocalDate: '2026-03-20',
      maskedAddress: 'a•••@uni.test',
    });
    expect(after.topics.map(({ name }) => name)).toEqual(['Quantum Chess', 'Robotics']);
    expect(await confirm(ctx, token)).toBe('already');
    expect(await preferences()).toEqual(after);
    expect(await notices()).toEqual(['confirm', 'welcome']);
  });

  test('pressed twice at once is one confirmation', async () => {
    await subscribe(ctx, request);
    const token = await claims('confirm');
    const answers = await Promise.all([confirm(ctx, token), confirm(ctx, token), confirm(ctx, token)]);
    expect(answers.toSorted()).toEqual(['already', 'already', 'confirmed']);
    expect(await notices()).toEqual(['confirm', 'welcome']);
  });

  test('by a link for another address or nobody is gone', async () => {
    await subscribe(ctx, request);
    const token = await claims('confirm');
    expect(await confirm(ctx, { ...token, addressVersion: 2 })).toBe('gone');
    expect(await confirm(ctx, { ...token, subscriberId: 999_999 })).toBe('gone');
  });

  test('a month after asking starts from then', async () => {
    await subscribe(ctx, request);
    ctx.setNow('2026-04-20T06:30:00Z');
    await confirm(ctx, await claims('confirm'));
    expect((await preferences()).nextDueAt).toEqual(new Date('2026-04-21T05:00:00Z'));
  });
});

describe('leaving and coming back', () => {
  test('leaving works at once and however often; nobody else is touched', async () => {
    await join();
    const [other] = await seedReaders(ctx, 1);
    const { subscriberId } = await claims();
    for (let time = 0; time < 2; time++) await unsubscribe(ctx, subscriberId);
    await unsubscribe(ctx, 999_999);
    expect(await preferences()).toMatchObject({ status: 'unsubscribed', nextDueAt: undefined });
    expect(await findByAddress(ctx.db, other!.address)).toMatchObject({ status: 'active' });
  });

  test('leaving twice keeps the time of the first', async () => {
    await join();
    const { subscriberId } = await claims();
    await unsubscribe(ctx, subscriberId);
    const first = (await find())!.unsubscribedAt;
    await unsubscribe(ctx, subscriberId);
    expect((await find())!.unsubscribedAt).toEqual(first);
  });

  test('undoing it brings everything back, once', async () => {
    await join();
    const before = await preferences();
    await unsubscribe(ctx, before.subscriberId);
    expect(await resubscribe(ctx, await claims('unsubscribe'))).toBe(true);
    expect(await resubscribe(ctx, await claims('unsubscribe'))).toBe(false);
    expect(await preferences()).toEqual(before);
  });

  test('who never confirmed can’t undo their way in', async () => {
    await subscribe(ctx, request);
    await unsubscribe(ctx, (await claims()).subscriberId);
    expect(await resubscribe(ctx, await claims('unsubscribe'))).toBe(false);
  });

  test('asking again after leaving, the same day, sends a new confirmation with the new choices', async () => {
    await join();
    await unsubscribe(ctx, (await claims()).subscriberId);
    const again = { ...request, topics: ['agents'], sendHour: 20 };
    for (let time = 0; time < 2; time++) await subscribe(ctx, again);
    expect(await find()).toMatchObject({ status: 'unsubscribed' });
    expect(await notices()).toEqual(['confirm', 'welcome', 'confirm']);
    expect(await confirm(ctx, await claims('confirm'))).toBe('confirmed');
    const after = await preferences();
    expect(after).toMatchObject({ status: 'active', sendHour: 20 });
    expect(after.topics.map(({ slug }) => slug)).toEqual(['agents']);
  });

  test('leaving and coming back right after a digest brings no second one that date', async () => {
    await seedDay(ctx, '2026-03-19', 3);
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    const token = { purpose: 'unsubscribe' as const, subscriberId: reader!.id, addressVersion: 0 };
    await unsubscribe(ctx, reader!.id);
    expect(await resubscribe(ctx, token)).toBe(true);
    const next = await readPreferences(ctx, token);
    expect(next?.nextLocalDate).toBe('2026-03-21');
    await planAndCompose(ctx, '2026-03-20T23:00:00Z');
    expect(await readDigests(ctx, '2026-03-20')).toHaveLength(1);
  });
});
