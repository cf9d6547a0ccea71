import { createPostgresBackend, Queue, withBackend, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type pg from 'pg';

/** Where the queues live: BullMQ on Postgres through the process's one pool, or on Redis. */
export interface Backend {
  kind: 'postgres' | 'redis';
  openQueue(name: string, options: object): Queue;
  openWorker(name: string, process: ConstructorParameters<typeof Worker>[1], options: object): Worker;
  close(): Promise<void>;
}

/** Queues in the schema `bullmq` of the same database. Each worker pins one client of the pool to LISTEN. */
export function postgresBackend(pool: pg.Pool): Backend {
  const bound = withBackend(createPostgresBackend);
  return {
    kind: 'postgres',
    openQueue: (name, options) =>
      new bound.Queue(name, { ...options, connection: pool as never }) as unknown as Queue,
    openWorker: (name, process, options) =>
      new bound.Worker(name, process as never, {
        ...options,
        connection: pool as never,
      }) as unknown as Worker,
    close: async () => {},
  };
}

/**
 * Queues on Redis; `rediss:` speaks TLS and checks the certificate. Opens no connection before the first queue or worker.
 * Producers fail at once while Redis is away, because the rows are safe and the sweep nudges again; workers wait for it
 * as long as it takes.
 */
export function redisBackend(url: string): Backend {
  const open: Redis[] = [];
  const connect = (options: RedisOptions) => {
    const client = new Redis(url, options as object);
    // Queues and workers hear of errors themselves; without a listener here the process would end.
    client.on('error', () => {});
    client.setMaxListeners(100);
    open.push(client);
    return client;
  };
  let producers: Redis | undefined;
  let consumers: Redis | undefined;
  return {
    kind: 'redis',
    openQueue: (name, options) =>
      new Queue(name, {
        ...options,
        connection: (producers ??= connect(producerOptions)),
        prefix: queuePrefix,
        // Its look at the server could fail once and for all when Redis goes away meanwhile. `doctor` and `start` look.
        skipVersionCheck: true,
      } as never),
    openWorker: (name, process, options) =>
      new Worker(name, process, {
        ...options,
        connection: (consumers ??= connect(consumerOptions)),
        prefix: queuePrefix,
      } as never),
    async close() {
      for (const client of open.splice(0)) client.disconnect();
    },
  };
}

const queuePrefix = 'broadsheet';

const connectTimeoutMs = 5_000;
const keepAliveMs = 10_000;
/** Nothing that a producer asks takes this long; a Redis that accepts and stays silent is away as well. */
const commandTimeoutMs = 10_000;
const reconnectStepMs = 200;
const reconnectAfterMsMax = 5_000;

const common: RedisOptions = {
  connectTimeout: connectTimeoutMs,
  keepAlive: keepAliveMs,
  retryStrategy: (times) => Math.min(times * reconnectStepMs, reconnectAfterMsMax),
  // A replica that was promoted, or a server that was demoted: the address leads to the new one.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  connectionName: 'broadsheet',
};

/** BullMQ's guide to production: no offline queue where the caller is not to wait. */
const producerOptions: RedisOptions = {
  ...common,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: commandTimeoutMs,
};

/** BullMQ demands null: a worker's command waits for the connection instead of failing. */
const consumerOptions: RedisOptions = { ...common, maxRetriesPerRequest: null };
