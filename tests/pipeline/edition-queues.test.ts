import { afterAll, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  checkEverything,
  env,
  hourMs,
  importReaders,
  tenRecordedDays,
  walk,
} from '../support/edition-walk.ts';
import { recordedData } from '../support/recorded.ts';
import { openTestRedis, type TestRedis } from '../support/redis.ts';

const redis = recordedData ? await openTestRedis() : undefined;
afterAll(() => redis?.close());
const from = '2026-06-02T00:00:00Z';
const twoDays = { from, hours: 2 * 24 };

describe.skipIf(!recordedData || !redis)('an edition, whatever becomes of the queues', () => {
  const server = redis as TestRedis;
  const onRedis = { ...env, REDIS_URL: server?.redisUrl };
  const strikeEveryMs = 1_000;

  const backends = [
    { name: 'on Postgres', variables: env },
    { name: 'on Redis', variables: onRedis },
    { name: 'on Redis flushed every second', variables: onRedis, strike: () => server.flush() },
    {
      name: 'on Redis that throws half of its keys away every second',
      variables: onRedis,
      strike: () => server.evict(),
    },
  ];
  test.each(backends)('300 readers over two days $name', { timeout: 240_000 }, async (given) => {
    await server.flush();
    const ctx = await openTestContext({ now: from, env: given.variables });
    let strikes = 0;
    const strike = async () => {
      await given.strike?.();
      if (given.strike) strikes += 1;
    };
    const timer = setInterval(() => void strike(), strikeEveryMs);
    try {
      const readers = await importReaders(ctx, 300, (n) => (n * 7) % 24);
      // By the timer whenever it comes, and surely at the worst moments.
      const expected = await walk([ctx], readers, tenRecordedDays(), twoDays, { meanwhile: strike });
      expect(expected.size).toBeGreaterThan(300);
      await checkEverything(ctx, readers, expected);
      expect(strikes > twoDays.hours).toBe(given.strike !== undefined);
    } finally {
      clearInterval(timer);
      await ctx.close();
    }
  });

  test('300 readers over two days on a Redis that is killed four times', { timeout: 240_000 }, async () => {
    await server.flush();
    const ctx = await openTestContext({ now: from, env: onRedis });
    try {
      const readers = await importReaders(ctx, 300, (n) => (n * 7) % 24);
      // It is away while plan nudges, and comes back empty.
      let starting: Promise<void> = Promise.resolve();
      const meanwhile = async (hour: number) => {
        if (hour % 11 !== 7) return;
        await server.kill();
        starting = ctx.pool.query('select pg_sleep(0.3)').then(() => server.start());
      };
      const expected = await walk([ctx], readers, tenRecordedDays(), twoDays, { meanwhile });
      await starting;
      await checkEverything(ctx, readers, expected);
    } finally {
      await ctx.close();
    }
  });

  test('moving to Redis and back: jobs left behind do no harm', { timeout: 240_000 }, async () => {
    await server.flush();
    const base = await openTestContext({ now: from, env });
    const expected = new Map<string, string[]>();
    const readers = await importReaders(base, 300, (n) => (n * 7) % 24);
    try {
      for (const [stage, variables] of [env, onRedis, env, onRedis].entries()) {
        const start = new Date(Date.parse(from) + stage * 12 * hourMs).toISOString();
        const ctx = await openTestContext({ now: start, env: variables, beside: base });
        try {
          const span = { from: start, hours: 12 };
          await walk([ctx], readers, tenRecordedDays(), span, { expected });
          await leaveJobsBehind(ctx);
        } finally {
          await ctx.close();
        }
      }
      await checkEverything(base, readers, expected);
    } finally {
      await base.close();
    }
  });
});

/** As a process that was killed in the middle would: nudges for everything that ever was. */
async function leaveJobsBehind(ctx: TestContext): Promise<void> {
  const ranges = await ctx.db.selectFrom('ranges').select('id').execute();
  const batches = await ctx.db.selectFrom('batches').select('id').execute();
  await ctx.queues.addMany(
    'compose',
    ranges.map(({ id }) => ({ rangeId: id })),
  );
  await ctx.queues.addMany(
    'deliver',
    batches.map(({ id }) => ({ batchId: id })),
  );
  // Not the schedules: a plan of their own would come before the list that this walk reads at the same moment.
  await ctx.queues.add('sweep', {});
  await ctx.queues.add('track', {});
  expect(await ctx.queues.queue('deliver').getJobCountByTypes('waiting', 'prioritized')).toBeGreaterThan(0);
}
