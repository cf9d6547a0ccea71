import { createPostgresBackend, Queue, withBackend, Worker } from 'bullmq';
import { Redis } from 'ioredis';
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

/** Queues on Redis. Producers fail fast when it is away (the rows are safe, the sweep nudges again); workers wait. */
export function redisBackend(url: string): Backend {
  const producers = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: true });
  const consumers = new Redis(url, { maxRetriesPerRequest: null });
  for (const client of [producers, consumers]) client.on('error', () => {});
  return {
    kind: 'redis',
    openQueue: (name, options) =>
      new Queue(name, { ...options, connection: producers, prefix: queuePrefix } as never),
    openWorker: (name, process, options) =>
      new Worker(name, process, { ...options, connection: consumers, prefix: queuePrefix } as never),
    close: async () => {
      producers.disconnect();
      consumers.disconnect();
    },
  };
}

const queuePrefix = 'broadsheet';
