import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { loadConfig } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import type { TestContext } from '../support/context.ts';
import { openTestRedis, type TestRedis } from '../support/redis.ts';
import { seedReaders, type SeededReader } from '../support/seed.ts';
import type { Bundle } from './bundle.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { type Dice, openDice } from './dice.ts';
import { type Fleet, openFleet, startNode } from './fleet.ts';
import type { ChaosOptions } from './options.ts';
import type { ProviderReport, ProviderSettings, ToProvider } from './provider.ts';

/** Everything a run plays on. */
export interface Stage {
  options: ChaosOptions;
  dice: Dice;
  cluster: Cluster;
  redis: TestRedis | undefined;
  /** The kit's own view of the database and the queues; it delivers nothing. */
  ctx: Context;
  readers: SeededReader[];
  fleet: Fleet;
  provider: { tell(message: ToProvider): void; report(): Promise<ProviderReport> };
  /** Each fault and how often it struck, those of the other end not counted. */
  struck: Record<string, number>;
  kills: number;
  /** What must never happen, in words; the kit fails when there is any. */
  surprises: string[];
  setNow(now: Date): void;
  close(): Promise<void>;
}

const start = new Date('2026-03-20T00:30:00Z');
const faultyShare = 0.5;
/** Of one date. */
const toldMailsMax = 300;
const startTimeoutMs = 60_000;

/** Readers in three zones, so that one date comes round in three steps. */
export const zones = [
  { timeZone: 'Europe/Berlin', hour: 6 },
  { timeZone: 'UTC', hour: 7 },
  { timeZone: 'America/New_York', hour: 11 },
] as const;

const secrets = {
  SECRET_KEYS: `a1:${Buffer.alloc(32, 1).toString('base64')}`,
  SUPPRESSION_KEY: Buffer.alloc(32, 2).toString('base64'),
  RESEND_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 3).toString('base64')}`,
  OPERATOR_PASSWORD: 'only for the kit',
};

export async function openStage(options: ChaosOptions, bundle: Bundle): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return await build(options, bundle, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  options: ChaosOptions,
  bundle: Bundle,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Stage> {
  const log = options.log === undefined ? undefined : createWriteStream(options.log);
  log?.setMaxListeners(0);
  const cluster = await openCluster();
  closers.push(() => cluster.close());
  const redis = options.backend === 'redis' ? await openTestRedis() : undefined;
  if (options.backend === 'redis' && !redis) throw new Error('--backend redis needs a redis-server.');
  if (redis) closers.push(() => redis.close());

  const port = await freePort();
  const provider = await startProvider(
    bundle.provider,
    options,
    cluster,
    `http://127.0.0.1:${port}/webhooks/resend`,
    log,
  );
  closers.push(async () => provider.process.kill('SIGKILL'));
  const env: Record<string, string> = {
    ...secrets,
    DATABASE_URL: cluster.databaseUrl,
    MAIL_TRANSPORT: 'resend',
    RESEND_API_KEY: 're_chaos',
    RESEND_BASE_URL: provider.url,
    MAIL_FROM: 'Broadsheet <digest@broadsheet.example>',
    MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
    MAIL_RATE_PER_SECOND: '12',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    LOG_LEVEL: options.log === undefined ? 'silent' : 'info',
    ...(redis && { REDIS_URL: redis.redisUrl }),
  };
  let clock = start;
  const ctx = await openContext(loadConfig({ ...env, LOG_LEVEL: 'silent' }), { now: () => clock });
  closers.push(() => ctx.close());

  const stage: Omit<Stage, 'fleet' | 'readers'> & { fleet?: Fleet; readers?: SeededReader[] } = {
    options,
    dice: openDice(options.seed),
    cluster,
    redis,
    ctx,
    provider,
    struck: {},
    kills: 0,
    surprises: [],
    setNow(now) {
      clock = now;
      stage.fleet?.setNow(now);
    },
    close,
  };
  const strike = (fault: string) => void (stage.struck[fault] = (stage.struck[fault] ?? 0) + 1);
  const fleet = openFleet({
    entry: bundle.worker,
    env,
    log,
    now: start,
    onStruck: strike,
    onEnded(member, code, signal) {
      if (signal === 'SIGKILL') stage.kills += 1;
      if (signal !== 'SIGKILL' && code !== 0)
        stage.surprises.push(`a process ended by itself with ${code ?? signal}`);
    },
  });
  closers.push(() => fleet.closeAll());
  stage.fleet = fleet;
  stage.readers = await seed(ctx as TestContext, options.subscribers);
  await planTwice(ctx);
  return stage as Stage;
}

async function seed(ctx: TestContext, subscribers: number): Promise<SeededReader[]> {
  const readers: SeededReader[] = [];
  for (const [n, { timeZone }] of zones.entries()) {
    const count = Math.floor(subscribers / zones.length) + (n < subscribers % zones.length ? 1 : 0);
    const name = timeZone.replaceAll(/\W/g, '').toLowerCase();
    readers.push(...(await seedReaders(ctx, count, { name, timeZone, maxPapers: 2 })));
  }
  return readers;
}

/**
 * Every other range is there twice, as if two planners had not heard of each other. The second expects nobody: an audience
 * that seems to have doubled is held.
 */
async function planTwice({ db }: Context): Promise<void> {
  await sql`create function planned_twice() returns trigger language plpgsql as $$ begin
    if pg_trigger_depth() = 1 and random() < 0.5 then
      insert into broadsheet.ranges (edition_date, slot_ids, from_id, to_id, made_at, expected)
      values (new.edition_date, new.slot_ids, new.from_id, new.to_id, new.made_at, 0);
    end if;
    return null;
  end $$`.execute(db);
  await sql`create trigger planned_twice after insert on ranges
    for each row execute function planned_twice()`.execute(db);
}

async function startProvider(
  file: string,
  options: ChaosOptions,
  cluster: Cluster,
  webhookUrl: string,
  log: Parameters<typeof startNode>[3],
): Promise<Stage['provider'] & { process: ChildProcess; url: string }> {
  const settings: ProviderSettings = {
    databaseUrl: cluster.providerUrl,
    webhookUrl,
    webhookSecret: secrets.RESEND_WEBHOOK_SECRET,
    seed: options.seed + 1,
    faults: faultyShare,
    webhooks: Math.min(1, toldMailsMax / options.subscribers),
  };
  const child = startNode(file, settings, {}, log);
  const signal = AbortSignal.timeout(startTimeoutMs);
  const [{ port }] = (await once(child, 'message', { signal })) as [{ port: number }];
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    tell: (message) => void child.send(message),
    async report() {
      child.send({ ask: 'report' } satisfies ToProvider);
      const [{ report }] = (await once(child, 'message')) as [{ report: ProviderReport }];
      return report;
    },
  };
}

/** Runs something again until the database, which may be restarting, lets it. */
export async function insist<T>(work: () => Promise<T>, withinMs = 30_000): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await pause(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
