import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase, openPool } from '../src/db/connect.ts';
import { joinEmbedded } from '../src/db/embedded/join.ts';
import { migrate } from '../src/db/migrate.ts';
import { openTestRedis, type TestRedis } from '../tests/support/redis.ts';
import { type Child, startChild } from './child.ts';
import { seedPapers } from './population/papers.ts';
import { seedSubscribers } from './population/subscribers.ts';
import { seedTopics } from './population/topics.ts';

/** Everything that is there before anybody competes: PostgreSQL as the product runs it, Redis, and the sink. */
export interface Stage {
  /** A database of its own with so many subscribers, due on `firstDate`. */
  makeDatabase(name: string, subscribers: number): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  redis: TestRedis | undefined;
  sink: Child;
  sinkUrl: string;
  close(): Promise<void>;
}

/** The first edition's date; the lists are those of the days before. */
export const firstDate = '2026-02-09';

const secrets = {
  SECRET_KEYS: `a1:${Buffer.alloc(32, 1).toString('base64')}`,
  SUPPRESSION_KEY: Buffer.alloc(32, 2).toString('base64'),
  OPERATOR_PASSWORD: 'only for the bench',
};

/** The environment of an installation that sends through the sink. */
export function environmentOf(
  databaseUrl: string,
  sinkUrl: string,
  redisUrl?: string,
): Record<string, string> {
  return {
    ...secrets,
    DATABASE_URL: databaseUrl,
    MAIL_TRANSPORT: 'resend',
    RESEND_API_KEY: 're_bench',
    RESEND_BASE_URL: sinkUrl,
    MAIL_FROM: 'Broadsheet <digest@broadsheet.example>',
    MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
    PUBLIC_URL: 'https://digest.broadsheet.example',
    LOG_LEVEL: 'warn',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-bench-'));
  await chmod(folder, 0o711);
  const postgres = await joinEmbedded(join(folder, 'data'));
  const redis = await openTestRedis();
  const sink = await startChild('./sink.ts', { flags: ['--expose-gc'] });
  const topics = await makeTemplate(postgres.databaseUrl);
  const administer = (statement: string) => runAlone(urlOf(postgres.databaseUrl, 'postgres'), statement);
  return {
    async makeDatabase(name, subscribers) {
      await administer(`create database ${name} template broadsheet strategy file_copy`);
      const databaseUrl = urlOf(postgres.databaseUrl, name);
      const pool = openPool(databaseUrl, { max: 1, applicationName: 'bench population' });
      await seedSubscribers(openDatabase(pool), { count: subscribers, topics, date: firstDate });
      await pool.end();
      return databaseUrl;
    },
    dropDatabase: (name) => administer(`drop database ${name} with (force)`),
    redis,
    sink,
    sinkUrl: await sink.ask<string>('url'),
    async close() {
      await sink.stop();
      await redis?.close();
      await postgres.leave();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Papers, topics and their matches, once; every database begins as a copy. */
async function makeTemplate(databaseUrl: string): Promise<number> {
  const pool = openPool(databaseUrl, { max: 2, applicationName: 'bench template' });
  try {
    await migrate(pool);
    const db = openDatabase(pool);
    return await seedTopics(db, await seedPapers(db, firstDate));
  } finally {
    await pool.end();
  }
}

function urlOf(databaseUrl: string, name: string): string {
  return Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).href;
}

async function runAlone(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
