import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresBackend, Queue, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { Usage } from '../answering.ts';
import { type Child, startChild } from '../child.ts';
import { openPool } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { createPlainTable, forgetPlainDigests } from '../plain/digest-query.ts';
import type { PlainJob } from '../plain/jobs.ts';
import { firstDate, type Stage } from '../stage.ts';
import type { Repeat } from './side.ts';

export interface RunningSide {
  repeat(): Promise<Repeat>;
  peakMiB(): Promise<number>;
  close(): Promise<void>;
}

const lookEveryMs = 50;
const jobsAtOnceMax = 1000;

/** A plain way on its queue: in Redis, where BullMQ is at home, or in Postgres on a machine without one. */
export async function openPlainSide(
  stage: Stage,
  databaseUrl: string,
  { name, entry, subscribers, perJob }: { name: string; entry: string; subscribers: number; perJob: number },
): Promise<RunningSide> {
  const redisUrl = stage.redis?.redisUrl;
  const env = {
    DATABASE_URL: databaseUrl,
    RESEND_BASE_URL: stage.sinkUrl,
    PLAIN_QUEUE: name,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  const pool = openPool(databaseUrl, { max: 4, applicationName: 'bench plain queue' });
  const db = openDatabase(pool);
  await createPlainTable(db);
  const connection = redisUrl === undefined ? undefined : new Redis(redisUrl);
  const queue = connection
    ? new Queue(name, { connection: connection as never })
    : (new (withBackend(createPostgresBackend).Queue)(name, {
        connection: pool as never,
      }) as unknown as Queue);
  const child = await startChild(entry, { env });
  return {
    async repeat() {
      await forgetPlainDigests(db);
      const before = await child.ask<Usage>('usage');
      const done = (await readDone(child)).done;
      const startedAt = Date.now();
      await addJobs(queue, subscribers, perJob);
      while ((await readDone(child)).done < done + subscribers) await pause(lookEveryMs);
      const { lastDoneAt } = await readDone(child);
      const { mails } = await stage.sink.ask<{ mails: number }>('taken');
      const { cpuSeconds } = await child.ask<Usage>('usage');
      return {
        digests: mails,
        seconds: (lastDoneAt - startedAt) / 1000,
        cpuSeconds: cpuSeconds - before.cpuSeconds,
      };
    },
    peakMiB: async () => (await child.ask<Usage>('usage')).peakMiB,
    async close() {
      await child.stop();
      await queue.close();
      connection?.disconnect();
      await pool.end();
    },
  };
}

async function addJobs(queue: Queue, subscribers: number, perJob: number): Promise<void> {
  const jobs: { name: string; data: PlainJob; opts: object }[] = [];
  for (let first = 1; first <= subscribers; first += perJob) {
    const count = Math.min(perJob, subscribers + 1 - first);
    const subscriberIds = Array.from({ length: count }, (_, n) => first + n);
    jobs.push({ name: 'digest', data: { date: firstDate, subscriberIds }, opts: { removeOnComplete: true } });
  }
  for (let at = 0; at < jobs.length; at += jobsAtOnceMax)
    await queue.addBulk(jobs.slice(at, at + jobsAtOnceMax));
}

async function readDone(child: Child): Promise<{ done: number; lastDoneAt: number }> {
  return child.ask('done');
}
