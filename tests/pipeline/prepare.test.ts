import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { nextHour, prepare } from '../../src/pipeline/prepare.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';
import { readState } from '../web/site.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:58:30Z');
  await seedDay(ctx, '2026-03-19', 6);
});

async function prepareNext(): Promise<void> {
  const hour = (await nextHour(ctx, ctx.now()))!;
  await prepare(ctx, hour, await ctx.indexes.at(hour.at));
}

async function countFragments(): Promise<number> {
  const { n } = await ctx.db
    .selectFrom('fragments')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

test('an hour that was prepared is composed and printed without another fragment', async () => {
  await seedReaders(ctx, 3);
  await prepareNext();
  const prepared = await countFragments();
  expect(prepared).toBeGreaterThan(0);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  expect(await countFragments()).toBe(prepared);
  expect((await readDigests(ctx, '2026-03-20')).map(({ papers }) => papers.length)).toEqual([3, 3, 3]);
});

test('it leaves nothing but fragments', async () => {
  await seedReaders(ctx, 3);
  const before = await readState(ctx);
  await prepareNext();
  expect(await readState(ctx)).toEqual(before);
});

test('the next hour has all slots that strike at that moment, and none that is due already', async () => {
  await seedReaders(ctx, 1, { name: 'paris', timeZone: 'Europe/Paris', sendHour: 8 });
  await seedReaders(ctx, 1, { name: 'london', timeZone: 'Europe/London', sendHour: 7 });
  await seedReaders(ctx, 1, { name: 'later', timeZone: 'Europe/London', sendHour: 9 });
  const hour = await nextHour(ctx, new Date('2026-03-20T06:00:00Z'));
  expect(hour).toMatchObject({ at: new Date('2026-03-20T07:00:00Z'), date: '2026-03-20' });
  expect(hour!.slotIds).toHaveLength(2);
  const after = await nextHour(ctx, new Date('2026-03-20T07:00:00Z'));
  expect(after).toMatchObject({ at: new Date('2026-03-20T09:00:00Z') });
});

test('where nobody waits for an hour there is none', async () => {
  expect(await nextHour(ctx, ctx.now())).toBeUndefined();
});
