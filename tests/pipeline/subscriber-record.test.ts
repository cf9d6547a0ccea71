import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { recordAction } from '../../src/db/operator-actions.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay, utcDate } from '../../src/domain/cadence.ts';
import { digestTag } from '../../src/domain/digest.ts';
import type { TokenClaims } from '../../src/domain/tokens.ts';
import { exportSubscriber, showSubscriber } from '../../src/pipeline/subscriber-record.ts';
import { confirm, resubscribe, subscribe, unsubscribe } from '../../src/pipeline/subscription.ts';
import { saveTaste } from '../../src/pipeline/taste.ts';
import { track } from '../../src/pipeline/track.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { refuseAt, scriptedTransport } from '../support/scripted-transport.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 5);
});

const address = 'reader1@uni.test';
const show = async () => (await showSubscriber(ctx, address))!;
const suppressReader = (reason: 'hard_bounce' | 'complaint') =>
  suppress(ctx.db, {
    addressHash: addressHash(ctx.config.suppressionKey, address),
    reason,
    origin: 'webhook',
  });

/** What happened, in order: `composed 2026-03-20`, `bounced 2026-03-20 hard`. */
async function happenings(): Promise<string[]> {
  const { timeline } = await show();
  return timeline.map(({ event, date, reason, class: bounceClass }) =>
    [event, date, reason ?? bounceClass].filter((word) => typeof word === 'string').join(' '),
  );
}

describe('the record of a reader', () => {
  test('has the fields of the contract, days and topics as an import writes them', async () => {
    await seedReaders(ctx, 1, { topics: ['robotics', 'Quantum Chess'], weekdays: 0b11111, maxPapers: 4 });
    expect(await showSubscriber(ctx, ' READER1@uni.test ')).toEqual({
      email: address,
      status: 'active',
      time_zone: 'UTC',
      send_hour: 7,
      weekdays: '1-5',
      max_papers: 4,
      topics: ['Quantum Chess', 'robotics'],
      next_due_at: '2026-03-20T07:00:00.000Z',
      suppressed: false,
      timeline: [
        expect.objectContaining({ event: 'subscribed' }),
        expect.objectContaining({ event: 'confirmed' }),
      ],
    });
  });

  test('of an address that is unknown, or none, is none', async () => {
    for (const given of ['nobody@uni.test', 'nobody', '', '\0@\n', "' or 1=1 --@uni.test"]) {
      expect(await showSubscriber(ctx, given)).toBeUndefined();
      expect(await exportSubscriber(ctx, given)).toBeUndefined();
    }
  });
});

describe('the status', () => {
  test('is unconfirmed until they confirm', async () => {
    const choices = { topics: [], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
    await subscribe(ctx, { ...choices, address, consent: 'form' });
    expect(await show()).toMatchObject({ status: 'unconfirmed', next_due_at: null });
  });

  test('is snoozed up to the day before they come back', async () => {
    await seedReaders(ctx, 1);
    await ctx.db.updateTable('subscribers').set({ snoozed_until: '2026-03-22' }).execute();
    expect(await show()).toMatchObject({ status: 'snoozed', next_due_at: '2026-03-22T07:00:00.000Z' });
    ctx.setNow('2026-03-22T06:00:00Z');
    expect((await show()).status).toBe('active');
  });

  test('is unsubscribed once they left', async () => {
    const [reader] = await seedReaders(ctx, 1);
    await unsubscribe(ctx, reader!.id);
    expect(await show()).toMatchObject({ status: 'unsubscribed', next_due_at: null, suppressed: false });
    expect((await happenings()).at(-1)).toBe('unsubscribed');
  });

  test('stays what it was where the address is suppressed, which is said beside it; nothing is due', async () => {
    await seedReaders(ctx, 1);
    await suppressReader('complaint');
    expect(await show()).toMatchObject({ status: 'active', suppressed: true, next_due_at: null });
    expect((await happenings()).at(-1)).toBe('suppressed complaint');
  });

  test('of a suppressed address that nobody subscribed is known as that alone', async () => {
    await suppressReader('hard_bounce');
    expect(await show()).toMatchObject({ status: 'unsubscribed', suppressed: true, topics: [] });
    expect(await happenings()).toEqual(['suppressed hard_bounce']);
  });
});

describe('the timeline', () => {
  test('tells a digest from composing to bounce, and the suppression that followed', async () => {
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(ctx);
    const tags = { digest: digestTag(reader!.id, '2026-03-20') };
    const bounce = { type: 'Permanent', subType: 'General', diagnosticCode: ['550 5.1.1 unknown'] };
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    const events = [
      { type: 'email.bounced', created_at: later(2), data: { tags, bounce } },
      { type: 'email.delivered', created_at: later(1), data: { tags } },
    ];
    for (const event of events) {
      await storeWebhookEvent(ctx.db, { svixId: event.type, type: event.type, body: JSON.stringify(event) });
    }
    await track(ctx);
    expect((await happenings()).toSorted()).toEqual([
      'accepted 2026-03-20',
      'bounced 2026-03-20 hard',
      'composed 2026-03-20',
      'confirmed',
      'delivered 2026-03-20',
      'subscribed',
      'suppressed hard_bounce',
    ]);
    const { timeline } = await show();
    const moments = timeline.map(({ at }) => at);
    expect(moments).toEqual(moments.toSorted());
    expect(timeline.find(({ event }) => event === 'accepted')).toMatchObject({ id: expect.any(String) });
  });

  test('tells why a date brought nothing: nothing new, refused, left in between', async () => {
    const [reader] = await seedReaders(ctx, 1, { maxPapers: 30 });
    const own = { ...ctx, transport: scriptedTransport([refuseAt(0)]) };
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(own);
    await planAndCompose(ctx, '2026-03-21T07:00:00Z');
    await deliverAll(own);
    await planAndCompose(ctx, '2026-03-22T07:00:00Z');
    await seedDay(ctx, '2026-03-22', 2);
    await planAndCompose(ctx, '2026-03-23T07:00:00Z');
    await unsubscribe(ctx, reader!.id);
    await deliverAll(own);
    const told = (await happenings()).filter((happening) => happening.includes('2026-'));
    expect(told.toSorted()).toEqual([
      'accepted 2026-03-21',
      'composed 2026-03-20',
      'composed 2026-03-21',
      'composed 2026-03-23',
      'failed 2026-03-20 place 0 is no good',
      'skipped 2026-03-22 nothing_new',
      'skipped 2026-03-23 unsubscribed',
    ]);
  });
});

test('a reader who left and subscribed again left and was confirmed all the same', async () => {
  const [reader] = await seedReaders(ctx, 1);
  await unsubscribe(ctx, reader!.id);
  const choices = { topics: [], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
  await subscribe(ctx, { ...choices, address, consent: 'form' });
  const claims = { purpose: 'confirm' as const, subscriberId: reader!.id, addressVersion: 1 };
  expect(await confirm(ctx, { ...claims, localDate: utcDate(new Date()) })).toBe('confirmed');
  const told = (await happenings()).filter((happening) => /^(unsubscribed|confirmed)/.test(happening));
  expect(told).toEqual(['unsubscribed', 'confirmed']);
});

test('a reader who undid their unsubscription by its link left and returned, each told once', async () => {
  const [reader] = await seedReaders(ctx, 1);
  await unsubscribe(ctx, reader!.id);
  const choices = { topics: [], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
  await subscribe(ctx, { ...choices, address, consent: 'form' });
  const claims = { purpose: 'unsubscribe' as const, subscriberId: reader!.id, addressVersion: 0 };
  expect(await resubscribe(ctx, claims)).toBe(true);
  expect(await resubscribe(ctx, claims)).toBe(false);
  const told = (await happenings()).filter((happening) => /^(unsubscribed|returned)/.test(happening));
  expect(told).toEqual(['unsubscribed', 'returned']);
});

type Claims = Omit<TokenClaims, 'purpose'>;
const undoing = {
  'by its link': (claims: Claims) => resubscribe(ctx, { ...claims, purpose: 'unsubscribe' }),
  'by confirming again': async (claims: Claims) => {
    await unsubscribe(ctx, claims.subscriberId);
    return confirm(ctx, { ...claims, purpose: 'confirm' });
  },
};

test.each(Object.entries(undoing))('a complaint that its reader undid %s is told', async (_, undo) => {
  const [reader] = await seedReaders(ctx, 1);
  await suppressReader('complaint');
  const claims = { subscriberId: reader!.id, addressVersion: 1, localDate: utcDate(new Date()) };
  expect([true, 'confirmed']).toContain(await undo(claims));
  const told = (await happenings()).filter((happening) => /^(complaint|returned)/.test(happening));
  expect(told).toEqual(['complaint undone']);
  expect((await show()).suppressed).toBe(false);
});

test('what operators did stands between, and a suppression that stands is told once', async () => {
  const [reader] = await seedReaders(ctx, 1);
  const act = (action: string) =>
    recordAction(ctx.db, { operator: 'operator', action, subscriberId: reader!.id });
  await act('suppressed');
  await act('released');
  await ctx.pool.query(`update operator_actions set at = at - interval '1 hour'`);
  await suppressReader('hard_bounce');
  await act('suppressed');
  const told = (await happenings()).filter((happening) => /suppressed|released/.test(happening));
  expect(told).toEqual(['suppressed', 'released', 'suppressed hard_bounce']);
});

test('the export holds everything: record, digests with papers, notices, tastes, events', async () => {
  const [reader] = await seedReaders(ctx, 1, { maxPapers: 2 });
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  const token = { purpose: 'taste' as const, subscriberId: reader!.id, addressVersion: 1 };
  await saveTaste(ctx, token, keyOf('2026-03-19', 0), 'less');
  const choices = { topics: [], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
  await subscribe(ctx, { ...choices, address, consent: 'form' });
  const body = JSON.stringify({ type: 'email.opened', data: { to: [address] } });
  await storeWebhookEvent(ctx.db, { svixId: 'msg_1', type: 'email.opened', body });
  const exported = JSON.parse(JSON.stringify(await exportSubscriber(ctx, address)));
  expect(exported).toMatchObject({
    email: address,
    status: 'active',
    digests: [{ date: '2026-03-20', address, papers: [keyOf('2026-03-19', 4), keyOf('2026-03-19', 3)] }],
    notices: [{ kind: 'link', address }],
    tastes: [{ paper: keyOf('2026-03-19', 0), says: 'less' }],
    webhook_events: [{ type: 'email.opened', body }],
    wanted_topics: [],
    snoozed_until: null,
  });
  expect(exported.timeline).toEqual((await show()).timeline);
});
