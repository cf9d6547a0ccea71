import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { audienceWarning } from '../../src/domain/audience.ts';
import { rehearse } from '../../src/pipeline/rehearse.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';
import { readState } from '../web/site.ts';
import { readMails } from '../support/mails.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 6);
});

async function seedMixed(): Promise<void> {
  await seedReaders(ctx, 3);
  await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'] });
  const [gone] = await seedReaders(ctx, 1, { name: 'gone', sendHour: 9 });
  await suppress(ctx.db, {
    addressHash: addressHash(ctx.config.suppressionKey, gone!.address),
    reason: 'hard_bounce',
    origin: 'webhook',
  });
  await seedReaders(ctx, 2, { name: 'east', timeZone: 'Asia/Tokyo', maxPapers: 2 });
}

test('it tells what the edition then does, reader by reader', async () => {
  await seedMixed();
  const foretold = (await rehearse(ctx, { date: '2026-03-20', each: true }))!;
  expect(foretold).toMatchObject({
    date: '2026-03-20',
    audience: 5,
    toCome: 5,
    wouldGet: 3,
    skipped: { nothing_new: 1, suppressed: 1 },
    papersPerDigest: { 3: 3 },
    sofar: null,
    dayBefore: null,
    warnings: [],
  });
  await planAndCompose(ctx, '2026-03-20T09:00:00Z');
  await deliverAll(ctx);
  const digests = await readDigests(ctx, '2026-03-20');
  expect(foretold.readers!.map(({ papers }) => papers)).toEqual(digests.map(({ papers }) => papers));
  expect(foretold.readers!.map(({ skipped }) => skipped)).toEqual(digests.map(({ skipped }) => skipped));
  const mails = await readMails(ctx.db);
  // The links that manage a subscription are blanked, so the sizes are those of the mails but for the tokens.
  expect(mails.every(({ html }) => html.length >= foretold.htmlBytes!.smallest)).toBe(true);
});

test('it writes nothing at all', async () => {
  await seedMixed();
  const before = await readState(ctx);
  await rehearse(ctx, { each: true });
  expect(await readState(ctx)).toEqual(before);
});

test('without a date it takes what is still to come of today, and then the next', async () => {
  await seedMixed();
  expect((await rehearse(ctx))!.date).toBe('2026-03-20');
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  const rest = (await rehearse(ctx))!;
  expect([rest.date, rest.audience, rest.toCome, rest.sofar!.accepted]).toEqual(['2026-03-20', 5, 1, 3]);
  await planAndCompose(ctx, '2026-03-20T09:00:00Z');
  expect((await rehearse(ctx))!.date).toBe('2026-03-21');
});

test('it compares with the day before, and a later date is found by each slot’s own days', async () => {
  await seedReaders(ctx, 2);
  await seedReaders(ctx, 1, { name: 'monday', weekdays: 0b1 });
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  await seedDay(ctx, '2026-03-20', 4);
  const next = (await rehearse(ctx))!;
  expect([next.date, next.audience]).toEqual(['2026-03-21', 2]);
  expect(next.dayBefore).toMatchObject({ ledger: { audience: 2, accepted: 2 }, papersPerDigest: { 3: 2 } });
  expect((await rehearse(ctx, { date: '2026-03-23' }))!.audience).toBe(3);
});

test('a slot that came too late is said to be skipped', async () => {
  await seedReaders(ctx, 2);
  ctx.setNow('2026-03-20T20:00:00Z');
  expect(await rehearse(ctx, { date: '2026-03-20' })).toMatchObject({
    wouldGet: 0,
    skipped: { too_late: 2 },
  });
});

test('with nobody to mail there is nothing to rehearse', async () => {
  expect(await rehearse(ctx)).toBeUndefined();
});

test.each([
  [100, { lastTime: 100, weekBefore: 90 }, false],
  [40, { lastTime: 100, weekBefore: undefined }, true],
  [151, { lastTime: 100, weekBefore: undefined }, true],
  // A weekend, as the week before had one.
  [40, { lastTime: 100, weekBefore: 41 }, false],
  [40, { lastTime: 100, weekBefore: 100 }, true],
  [0, { lastTime: 100, weekBefore: 100 }, true],
  [1, { lastTime: 5, weekBefore: 5 }, false],
  [1000, { lastTime: undefined, weekBefore: undefined }, false],
])('an audience of %i after %j is a warning: %s', (audience, before, warns) => {
  expect(audienceWarning(audience, before) !== undefined).toBe(warns);
});
