import { createPostgresBackend, withBackend, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { Resend } from 'resend';
import { openPool } from '../../src/db/connect.ts';
import type { Database } from '../../src/db/schema.ts';
import { answerParent } from '../answering.ts';
import { plainConcurrency, type PlainJob } from './jobs.ts';

export interface Plain {
  db: Kysely<Database>;
  resend: Resend;
}

/** Runs `work` for each job of the plain ways' queue, and tells the parent how many subscribers it has done. */
export function openPlain(work: (plain: Plain, job: PlainJob) => Promise<void>): void {
  const pool = openPool(process.env['DATABASE_URL']!, {
    max: plainConcurrency + 4,
    applicationName: 'plain',
  });
  const plain = {
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    resend: new Resend('re_bench', { baseUrl: process.env['RESEND_BASE_URL']! }),
  };
  let done = 0;
  let lastDoneAt = 0;
  const failures: string[] = [];
  const worker = openWorker(pool, async (job) => {
    await work(plain, job);
    done += job.subscriberIds.length;
    lastDoneAt = Date.now();
  });
  worker.on('failed', (_, error) => void failures.push(error.stack ?? error.message));
  answerParent(
    {
      done() {
        if (failures[0]) throw new Error(failures[0]);
        return { done, lastDoneAt };
      },
    },
    async () => {
      await worker.close();
      await pool.end();
    },
  );
}

function openWorker(pool: pg.Pool, work: (job: PlainJob) => Promise<void>): Worker {
  const options = { concurrency: plainConcurrency };
  const [redisUrl, name] = [process.env['REDIS_URL'], process.env['PLAIN_QUEUE']!];
  const run = ({ data }: { data: PlainJob }) => work(data);
  if (redisUrl === undefined) {
    const bound = withBackend(createPostgresBackend);
    return new bound.Worker(name, run, { ...options, connection: pool as never }) as unknown as Worker;
  }
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null } as never);
  return new Worker(name, run, { ...options, connection: connection as never });
}
