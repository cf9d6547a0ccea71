import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import type { LogSink } from '../../src/log.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { openTestDatabase } from './database.ts';

export interface TestContextOptions {
  /** Where the business clock stands, ISO 8601. It moves only by `setNow`. */
  now?: string;
  /** In place of the mailbox over HTTP. */
  transport?: Transport;
  /** Whether it holds a lease, as a process that delivers does. */
  delivers?: boolean;
  /** Variables of the environment, over those of a trial with the mailbox. */
  env?: Record<string, string>;
  /** Hears the log, in place of standard error. Say a LOG_LEVEL as well. */
  logSink?: LogSink;
  /** Another process on the same database: the one of that context, which must be closed last. */
  beside?: Context;
}

export interface TestContext extends Context {
  setNow(iso: string): void;
}

/** Fixed, so that tokens and hashes are the same in every run. */
const environment = {
  MAIL_TRANSPORT: 'mailbox',
  MAIL_FROM: 'Broadsheet <digest@broadsheet.example>',
  MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
  SECRET_KEYS: `a1:${Buffer.alloc(32, 1).toString('base64')}`,
  SUPPRESSION_KEY: Buffer.alloc(32, 2).toString('base64'),
  RESEND_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 3).toString('base64')}`,
  OPERATOR_PASSWORD: 'only for tests',
  LOG_LEVEL: 'silent',
};
const closeWithinMs = 20_000;

/** A whole context on a fresh database: real Postgres, real queues, the mailbox over HTTP, a clock that stands still. */
export async function openTestContext(options: TestContextOptions = {}): Promise<TestContext> {
  const { now = '2026-03-20T06:00:00Z', delivers = true, env = {}, beside, transport, logSink } = options;
  const database = beside ? undefined : await openTestDatabase({ max: 1 });
  const databaseUrl = beside?.databaseUrl ?? database!.databaseUrl;
  let clock = new Date(now);
  try {
    const config = loadConfig({ ...environment, DATABASE_URL: databaseUrl, ...env });
    const ctx = await openContext(config, { now: () => clock, delivers, ...(logSink && { logSink }) });
    const close = async () => {
      await inTime(ctx);
      await database?.close();
    };
    return { ...ctx, ...(transport && { transport }), setNow: (iso) => void (clock = new Date(iso)), close };
  } catch (error) {
    await database?.close();
    throw error;
  }
}

/** A connection that nobody gave back keeps the pool from ending: say so, and do not just run out of time. */
async function inTime(ctx: Context): Promise<void> {
  const late = new AbortController();
  const complaint = pause(closeWithinMs, undefined, { signal: late.signal }).then(
    () => {
      throw new Error(`The context did not close: ${ctx.pool.totalCount} connections are still in use.`);
    },
    () => undefined,
  );
  await Promise.race([ctx.close(), complaint]);
  late.abort();
}
