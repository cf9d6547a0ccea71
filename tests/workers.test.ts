import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLedger } from '../src/db/ledger.ts';
import type { Submission } from '../src/transport/transport.ts';
import { startWorkers } from '../workers/all.ts';
import { openTestContext, type TestContext } from './support/context.ts';
import { acceptAll, scriptedTransport } from './support/scripted-transport.ts';
import { seedDay, seedReaders } from './support/seed.ts';
import { planAndCompose } from './support/steps.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());

test('two bodies are in flight at once; workers that close finish the batches at hand, and claim no other', async () => {
  await seedDay(ctx, '2026-03-19', 3);
  const hours = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
  for (const sendHour of hours) {
    await seedReaders(ctx, 2, { name: `hour${sendHour}`, sendHour });
    await planAndCompose(ctx, `2026-03-20T${String(sendHour).padStart(2, '0')}:00:00Z`);
  }
  const begun: Submission[] = [];
  const inFlight = { now: 0, most: 0 };
  let bothBegun: () => void;
  let answer: () => void;
  const atHand = new Promise<void>((resolve) => (bothBegun = resolve));
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const slow = async (request: Submission) => {
    begun.push(request);
    if (begun.length === 2) bothBegun();
    inFlight.most = Math.max(inFlight.most, ++inFlight.now);
    await answered;
    inFlight.now--;
    return acceptAll(request);
  };
  const workers = startWorkers(
    { ...ctx, transport: scriptedTransport(Array(hours.length).fill(slow)) },
    { ingests: false },
  );
  await atHand;
  const closing = workers.close();
  answer!();
  await closing;
  expect(inFlight).toEqual({ now: 0, most: 2 });
  // Two at the transport, and up to four on the way there.
  const finished = begun.length;
  expect(finished).toBeLessThanOrEqual(6);
  expect(await readLedger(ctx.db, '2026-03-20')).toMatchObject({
    accepted: 2 * finished,
    pending: 2 * (hours.length - finished),
  });
  const claims = await ctx.db.selectFrom('batches').select(['state', 'lease']).orderBy('id').execute();
  expect(claims.map(({ lease }) => lease)).toEqual(Array(hours.length).fill(null));
  expect(claims.filter(({ state }) => state === 'composed')).toHaveLength(hours.length - finished);
});
