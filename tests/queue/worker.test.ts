import type { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { Permanent, Retryable } from '../../src/queue/errors.ts';
import type { Jobs, QueueName } from '../../src/queue/queues.ts';
import { schedules, upsertSchedules } from '../../src/queue/schedule.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { openTestRedis } from '../support/redis.ts';
import { wipe } from '../support/wipe.ts';

const redis = await openTestRedis();
const onRedis: [string, Record<string, string>][] = redis ? [['Redis', { REDIS_URL: redis.redisUrl }]] : [];
afterAll(() => redis?.close());

describe.each([['Postgres', {}] as [string, Record<string, string>], ...onRedis])('on %s', (_, env) => {
  let ctx: TestContext;
  let workers: Worker[] = [];
  beforeAll(async () => void (ctx = await openTestContext({ env })));
  afterAll(() => ctx.close());
  beforeEach(() => wipe(ctx));
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    workers = [];
  });

  /** Starts a worker that counts its runs; closed after the test. */
  function start<Name extends QueueName>(
    name: Name,
    step: (run: number, data: Jobs[Name], ctx: Context) => Promise<void> | void,
  ) {
    const runs: Jobs[Name][] = [];
    const worker = startWorker(ctx, name, async (given, data) => {
      runs.push(data);
      await step(runs.length, data, given);
    });
    workers.push(worker);
    return { runs, worker };
  }

  /** Looks until it holds; the suite's own timeout ends what never does. */
  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await ctx.pool.query('select pg_sleep(0.01)');
  }

  const queue = (name: QueueName) => ctx.queues.queue(name);
  const isEmpty = async (name: QueueName) =>
    (await queue(name).getJobCountByTypes('waiting', 'prioritized', 'delayed', 'active')) === 0;

  test('a job runs its step with the context and what it carries, and is gone', async () => {
    const { runs } = start('compose', (_, __, given) => expect(given.databaseUrl).toBe(ctx.databaseUrl));
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => runs.length === 1 && (await isEmpty('compose')));
    expect(runs).toEqual([{ rangeId: 7 }]);
    expect(await queue('compose').getJobCountByTypes('completed', 'failed')).toBe(0);
  });

  test('jobs of the same row are one while they wait', async () => {
    for (let time = 0; time < 3; time++) await ctx.queues.add('deliver', { batchId: 5 });
    await ctx.queues.addMany('deliver', [{ batchId: 5 }, { batchId: 6 }, { batchId: 6 }, { noticeId: 5 }]);
    const jobs = await queue('deliver').getJobs(['waiting', 'prioritized', 'delayed']);
    expect(new Set(jobs.map((job) => job.id))).toEqual(new Set(['batch-5', 'batch-6', 'notice-5']));
    for (let time = 0; time < 3; time++) await ctx.queues.add('track', {});
    expect(await queue('track').getWaitingCount()).toBe(1);
  });

  test('a finished job does not block the next nudge of its row', async () => {
    const { runs } = start('compose', () => {});
    for (let time = 1; time <= 3; time++) {
      await ctx.queues.add('compose', { rangeId: 7 });
      await until(async () => runs.length === time && (await isEmpty('compose')));
    }
    expect(runs).toHaveLength(3);
  });

  test('a job that was given up does not block the next nudge of its row', async () => {
    const { runs } = start('compose', (run) => {
      if (run === 1) throw new Permanent('never');
    });
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => runs.length === 1 && (await isEmpty('compose')));
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => runs.length === 2 && (await isEmpty('compose')));
    expect(runs).toEqual([{ rangeId: 7 }, { rangeId: 7 }]);
  });

  test('Retryable puts a job back for later and burns no attempt, however often', async () => {
    const attempts: number[] = [];
    const { worker, runs } = start('compose', (run) => {
      if (run < 9) throw new Retryable('not yet', 5);
    });
    const troubles: unknown[] = [];
    worker.on('completed', (job) => attempts.push(job.attemptsMade));
    worker.on('failed', (_job, error) => troubles.push(error));
    worker.on('error', (error) => troubles.push(error));
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(() => attempts.length === 1);
    expect(runs).toHaveLength(9);
    expect(troubles).toEqual([]);
    // Only the run that completed counts; five failures would have ended it.
    expect(attempts[0]!).toBeLessThanOrEqual(1);
  });

  test('Retryable waits as long as it says', async () => {
    const { runs } = start('compose', () => {
      throw new Retryable('much later', 3_600_000);
    });
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => (await queue('compose').getDelayedCount()) === 1);
    const [job] = await queue('compose').getDelayed();
    expect(job!.delay).toBeGreaterThan(3_500_000);
    expect(runs).toHaveLength(1);
  });

  test('Permanent gives up at once', async () => {
    const failures: string[] = [];
    const { worker, runs } = start('compose', () => {
      throw new Permanent('this can never be');
    });
    worker.on('failed', (_, error) => failures.push(error.message));
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => failures.length === 1 && (await isEmpty('compose')));
    expect(failures).toEqual(['this can never be']);
    expect(runs).toHaveLength(1);
  });

  test('anything else is tried again', async () => {
    const { runs } = start('compose', (run) => {
      if (run === 1) throw new Error('a passing fault');
    });
    await ctx.queues.add('compose', { rangeId: 7 });
    await until(async () => runs.length === 2 && (await isEmpty('compose')));
    expect(runs).toEqual([{ rangeId: 7 }, { rangeId: 7 }]);
  });

  test('a closing worker waits for the job at hand and takes no other', async () => {
    let release: (() => void) | undefined;
    let ended = false;
    const { worker, runs } = start('compose', async () => {
      await new Promise<void>((resolve) => (release = resolve));
      ended = true;
    });
    await ctx.queues.addMany('compose', [{ rangeId: 7 }, { rangeId: 8 }]);
    await until(() => release !== undefined);
    const closing = worker.close();
    release!();
    await closing;
    expect(ended).toBe(true);
    expect(runs).toHaveLength(1);
  });

  test('every schedule is in its place once, however often and by whomever it is put there', async () => {
    await Promise.all([upsertSchedules(ctx), upsertSchedules(ctx)]);
    await queue('plan').obliterate({ force: true });
    await upsertSchedules(ctx);
    for (const { queue: name, everyMs } of schedules) {
      const placed = await queue(name).getJobSchedulers();
      expect(placed.map(({ every }) => Number(every))).toEqual([everyMs]);
      for (const { key } of placed) await queue(name).removeJobScheduler(key);
    }
  });
});
