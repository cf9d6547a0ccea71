import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { redisBackend } from '../../src/queue/backend.ts';
import { openQueues } from '../../src/queue/open.ts';
import { evictionFault, readRedisState } from '../../src/queue/redis-state.ts';
import { schedules, tick } from '../../src/queue/schedule.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { openTestRedis, type TestRedis } from '../support/redis.ts';
import { seedDay, seedReaders } from '../support/seed.ts';

const redis = await openTestRedis();
afterAll(() => redis?.close());

describe.skipIf(!redis)('with Redis', () => {
  const server = redis as TestRedis;
  let ctx: TestContext;
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    ctx = await openTestContext({ env: { REDIS_URL: server.redisUrl } });
  });
  afterAll(() => ctx.close());
  beforeEach(() => server.flush());
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  function count(name: 'compose' | 'deliver') {
    const runs: unknown[] = [];
    const worker = startWorker(ctx, name, async (_, data) => void runs.push(data));
    closers.push(() => worker.close());
    return runs;
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await ctx.pool.query('select pg_sleep(0.02)');
  }

  const placed = async () =>
    Promise.all(
      schedules.map(async ({ queue }) => (await ctx.queues.queue(queue).getJobSchedulers()).length),
    );

  test('everything lies under one prefix, so that a Redis can be shared', async () => {
    await ctx.queues.add('compose', { rangeId: 7 });
    await tick(ctx);
    const keys = await server.ask((client) => client.keys('*'));
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('broadsheet:'))).toEqual([]);
  });

  test('schedules that a flush took are whole again after one tick, and not doubled by ten', async () => {
    await tick(ctx);
    expect(await placed()).toEqual(schedules.map(() => 1));
    await server.flush();
    expect(await placed()).toEqual(schedules.map(() => 0));
    await tick(ctx);
    expect(await placed()).toEqual(schedules.map(() => 1));
    for (let time = 0; time < 10; time++) await tick(ctx);
    expect(await placed()).toEqual(schedules.map(() => 1));
    for (const { queue } of schedules) {
      expect(await ctx.queues.queue(queue).getJobCountByTypes('waiting', 'delayed', 'prioritized')).toBe(1);
    }
  });

  test('jobs come through again after the server was killed and started empty', async () => {
    const runs = count('compose');
    await ctx.queues.add('compose', { rangeId: 1 });
    await until(() => runs.length === 1);
    await server.kill();
    await server.start();
    await until(async () => {
      await ctx.queues.add('compose', { rangeId: 2 });
      return runs.length > 1;
    });
    expect(runs[1]).toEqual({ rangeId: 2 });
    await tick(ctx);
    expect(await placed()).toEqual(schedules.map(() => 1));
  });

  test('while Redis is away, a step whose nudge is lost succeeds all the same, at once', async () => {
    await seedDay(ctx, '2026-03-19', 5);
    await seedReaders(ctx, 3, { sendHour: 7 });
    ctx.setNow('2026-03-20T07:00:00Z');
    const warn = vi.spyOn(ctx.log, 'warn');
    await server.kill();
    try {
      const planned = await plan(ctx);
      expect(planned.rangeIds).toHaveLength(1);
      await tick(ctx);
      // It failed by itself, and was not given up at the end of a time limit.
      expect(JSON.stringify(warn.mock.calls)).not.toContain('did not answer within');
      const said = warn.mock.calls.map(([, message]) => message as string | undefined);
      expect(said.filter((message) => message === 'a nudge is left to the sweep')).toHaveLength(1);
      expect(said.filter((message) => message?.startsWith('the schedules could not'))).toHaveLength(1);
    } finally {
      warn.mockRestore();
      await server.start();
    }
    // Nothing was lost: the row is there, for the sweep to find.
    const { rows } = await ctx.pool.query('select count(*)::int n from ranges where composed_at is null');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('closing is clean while Redis is away, and waits for nobody', async () => {
    const other = await openTestContext({ env: { REDIS_URL: server.redisUrl }, beside: ctx });
    await other.queues.add('compose', { rangeId: 1 });
    await server.kill();
    await expect(other.close()).resolves.toBeUndefined();
    await server.start();
  });

  test('a process that starts while Redis is away works as soon as it is there', async () => {
    await server.kill();
    const other = await openTestContext({ env: { REDIS_URL: server.redisUrl }, beside: ctx });
    closers.push(() => other.close());
    const runs: unknown[] = [];
    const worker = startWorker(other, 'compose', async (_, data) => void runs.push(data));
    closers.unshift(() => worker.close());
    await server.start();
    await until(async () => {
      await other.queues.add('compose', { rangeId: 3 });
      return runs.length > 0;
    });
    expect(runs[0]).toEqual({ rangeId: 3 });
  });

  test('no connection of ours is left when a context is closed', async () => {
    // A database of its own tells its connections from those of the tests above, which may still come and go.
    const countOurs = async () => {
      const clients = (await server.ask((client) => client.client('LIST'))) as string;
      return clients.split('\n').filter((line) => line.includes('name=broadsheet') && / db=3\b/.test(line))
        .length;
    };
    const other = await openTestContext({ env: { REDIS_URL: `${server.redisUrl}/3` }, beside: ctx });
    const worker = startWorker(other, 'compose', async () => {});
    await worker.waitUntilReady();
    expect(await countOurs()).toBeGreaterThan(0);
    await worker.close();
    await other.close();
    await until(async () => (await countOurs()) === 0);
    expect(await countOurs()).toBe(0);
  });

  test('its state is read: version, policy, persistence', async () => {
    const state = await readRedisState(server.redisUrl);
    expect(state.version).toMatch(/^\d+\.\d+/);
    expect(state).toMatchObject({ maxmemoryPolicy: 'noeviction', keepsItsData: false });
    expect(evictionFault(state)).toBeUndefined();
    await server.ask((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    expect(evictionFault(await readRedisState(server.redisUrl))).toContain('allkeys-lru');
    await server.ask((client) => client.config('SET', 'maxmemory-policy', 'noeviction', 'save', '3600 1'));
    expect(await readRedisState(server.redisUrl)).toMatchObject({ keepsItsData: true });
    await server.ask((client) => client.config('SET', 'save', ''));
  });
});

test('a Redis that takes connections and says nothing holds up no step', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const missed: string[] = [];
  const backend = redisBackend(`redis://127.0.0.1:${port}`);
  const queues = openQueues(backend, {
    onError: () => {},
    onMissed: (name, error) => missed.push(`${name}: ${error.message}`),
    nudgeTimeoutMs: 200,
  });
  try {
    await queues.add('compose', { rangeId: 1 });
    expect(missed).toEqual(['compose: The queue did not answer within 200 ms.']);
    await expect(readRedisState(`redis://127.0.0.1:${port}`, 200)).rejects.toThrow(Error);
  } finally {
    for (const socket of sockets) socket.destroy();
    await backend.close();
    silent.close();
  }
});

test('rediss: speaks TLS, checks the certificate and names the host; user and password come from the url', () => {
  const client = new Redis('rediss://queues:s%40cret@redis.example:6380/2', { lazyConnect: true } as object);
  expect(client.options).toMatchObject({
    host: 'redis.example',
    port: 6380,
    username: 'queues',
    password: 's@cret',
    db: 2,
    tls: true,
  });
  client.disconnect();
});
