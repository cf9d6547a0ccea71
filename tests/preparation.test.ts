import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Context } from '../src/context.ts';
import { openPreparation, startPreparation } from '../src/preparation.ts';
import { openTestContext, type TestContext } from './support/context.ts';
import { seedDay, seedReaders } from './support/seed.ts';
import { wipe } from './support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  await seedDay(ctx, '2026-03-19', 6);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedReaders(ctx, 2);
});

/** Each preparation of this little company prints one body. */
function openCounted(): { counted: Context; printed: () => number } {
  let bodies = 0;
  const print: Context['press']['print'] = (supply, order) => {
    bodies++;
    return ctx.press.print(supply, order);
  };
  return { counted: { ...ctx, press: { ...ctx.press, print } }, printed: () => bodies };
}

test('a process prepares when the hour is near, and once', async () => {
  const { counted, printed } = openCounted();
  const look = openPreparation(counted);
  ctx.setNow('2026-03-20T06:58:00Z');
  await look();
  expect(printed()).toBe(0);
  for (const now of ['2026-03-20T06:58:40Z', '2026-03-20T06:59:10Z', '2026-03-20T07:00:10Z']) {
    ctx.setNow(now);
    await look();
    expect(printed()).toBe(1);
  }
  ctx.setNow('2026-03-21T06:59:00Z');
  await look();
  expect(printed()).toBe(1);
});

test("it prepares again where the day's papers changed meanwhile", async () => {
  const { counted, printed } = openCounted();
  const look = openPreparation(counted);
  ctx.setNow('2026-03-20T06:58:40Z');
  await look();
  await ctx.db
    .updateTable('installation')
    .set((eb) => ({ data_generation: eb('data_generation', '+', 1) }))
    .execute();
  await look();
  expect(printed()).toBe(2);
});

test('what goes wrong is told, and tried again at the next look', async () => {
  const { counted, printed } = openCounted();
  let isBroken = true;
  const indexes: Context['indexes'] = {
    at: (moment) => (isBroken ? Promise.reject(new Error('no room')) : ctx.indexes.at(moment)),
  };
  const told: unknown[] = [];
  const log = { ...ctx.log, warn: (...words: unknown[]) => void told.push(words) } as Context['log'];
  const look = openPreparation({ ...counted, indexes, log });
  ctx.setNow('2026-03-20T06:59:00Z');
  await look();
  expect(told).toEqual([[{ err: 'no room' }, 'not prepared for the next hour']]);
  isBroken = false;
  await look();
  expect(printed()).toBe(1);
});

test('it ends at once between two looks', async () => {
  await expect(startPreparation(ctx)()).resolves.toBeUndefined();
});
