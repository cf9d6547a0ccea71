import { setTimeout as pause } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type pg from 'pg';
import { type Config, ConfigError } from './config.ts';
import { awayInWords, isAway } from './db/away.ts';
import { DatabaseError, openDatabase, openPool } from './db/connect.ts';
import { joinEmbedded } from './db/embedded/join.ts';
import { assertSchema, migrate } from './db/migrate.ts';
import type { Database } from './db/schema.ts';
import { noticeMove } from './db/server-identity.ts';
import { keepSuppressionKey, otherKeyReason } from './db/suppression-key.ts';
import { type Lease, openLease } from './lease.ts';
import { type Logger, type LogSink, openLog } from './log.ts';
import { type Bodies, openBodies } from './pipeline/bodies.ts';
import { type EditionIndexes, openEditionIndexes } from './pipeline/edition-index.ts';
import { type FragmentStore, openFragmentStore } from './pipeline/fragment-store.ts';
import { openPress, type Press } from './press/press.ts';
import { type Backend, postgresBackend, redisBackend } from './queue/backend.ts';
import { openQueues } from './queue/open.ts';
import type { Queues } from './queue/queues.ts';
import { damped } from './queue/trouble.ts';
import { resendTransport } from './transport/resend.ts';
import type { Transport } from './transport/transport.ts';

/** Everything a step may use. Built once a process by `openContext`, handed to every function as its first argument. */
export interface Context {
  config: Config;
  db: Kysely<Database>;
  pool: pg.Pool;
  databaseUrl: string;
  /** The migrations that opening has applied. */
  migrated: readonly string[];
  log: Logger;
  /** The business clock: what is due, which papers are visible. Real time is the database's `now()`. */
  now(): Date;
  backend: Backend;
  queues: Queues;
  transport: Transport;
  /** The mailbox's pages, where the mailbox carries the mail; the web process shows them. */
  inbox: Hono | undefined;
  /** Held by processes that deliver. */
  lease: Lease | undefined;
  fragments: FragmentStore;
  bodies: Bodies;
  press: Press;
  indexes: EditionIndexes;
  /** Aborted when the process is to stop. */
  signal: AbortSignal;
  close(): Promise<void>;
}

export interface OpenOptions {
  now?: () => Date;
  /** Whether this process delivers: it then needs a lease. */
  delivers?: boolean;
  /** `start` and `migrate` may change an older schema; everything else refuses it. */
  migrates?: boolean;
  /** How long to wait for a database that is away, as while it restarts; not at all when left out. */
  waitsMs?: number;
  /** In place of standard error. */
  logSink?: LogSink;
}

/** Connections of one process: six workers each pin one to LISTEN, steps and pages share the rest (RULES 26). */
const poolMax = 20;

const lookAgainMs = 500;

/**
 * Opens database, queues and transport, in this order; what is open is closed again when a later one fails. Throws
 * DatabaseError with a sentence for the operator where the database does not answer, `waitsMs` long, and ConfigError where
 * its suppressions were made with another key.
 */
export async function openContext(config: Config, options: OpenOptions = {}): Promise<Context> {
  const giveUpAtMs = performance.now() + (options.waitsMs ?? 0);
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await openOnce(config, options);
    } catch (error) {
      // The embedded one is ours to start, and whoever joins it waits already.
      if (config.databaseUrl === undefined || !isAway(error)) throw error;
      const words = awayInWords(config.databaseUrl, error);
      if (performance.now() >= giveUpAtMs) throw new DatabaseError(words, { cause: error });
      if (isFirst) openLog(config.logLevel, options.logSink).warn(`Waiting. ${words}`);
      await pause(lookAgainMs);
    }
  }
}

async function openOnce(config: Config, options: OpenOptions): Promise<Context> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer().catch(() => {});
  };
  try {
    return await open(config, options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  config: Config,
  options: OpenOptions,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Context> {
  const log = openLog(config.logLevel, options.logSink);
  const stop = new AbortController();
  const databaseUrl = config.databaseUrl ?? (await joinLocal(config, log, closers));
  const pool = openPool(databaseUrl, { max: poolMax, applicationName: 'broadsheet' });
  closers.push(() => pool.end());
  const mayMigrate = config.local || options.migrates || (await assertSchema(pool)) === 'empty';
  const migrated = mayMigrate ? (await migrate(pool)).applied : [];
  const db = openDatabase(pool);
  await noticeMove(db);
  if (!(await keepSuppressionKey(db, config.suppressionKey))) throw new ConfigError([otherKeyReason]);

  const backend = config.redisUrl ? redisBackend(config.redisUrl) : postgresBackend(pool);
  closers.push(() => backend.close());
  const queues = openQueues(backend, {
    // While closing, connections end as they should.
    onError: damped((error) => {
      if (!stop.signal.aborted) log.warn({ err: error.message }, 'queue connection trouble');
    }),
    onMissed(queue, error) {
      if (!stop.signal.aborted) log.warn({ queue, err: error.message }, 'a nudge is left to the sweep');
    },
  });
  closers.push(() => queues.close());

  const { transport, inbox } = await openTransport(config, db, closers);
  const press = openPress();
  closers.push(() => press.close());
  const lease = options.delivers ? await openLease(databaseUrl, log) : undefined;
  closers.push(async () => lease?.close());
  closers.push(async () => stop.abort());
  return {
    config,
    db,
    pool,
    databaseUrl,
    migrated,
    log,
    now: options.now ?? (() => new Date()),
    backend,
    queues,
    transport,
    inbox,
    lease,
    fragments: openFragmentStore(db),
    bodies: openBodies(),
    press,
    indexes: openEditionIndexes(db, { usesMeanings: config.embeddings !== undefined }),
    signal: stop.signal,
    close,
  };
}

async function joinLocal(config: Config, log: Logger, closers: (() => Promise<void>)[]): Promise<string> {
  const embedded = await joinEmbedded(config.dataDir, { report: (sentence) => log.warn(sentence) });
  closers.push(() => embedded.leave());
  return embedded.databaseUrl;
}

/**
 * Resend itself, a mail server, or the mailbox on loopback through the same SDK: the pipeline can't tell. Whatever only one of
 * them needs is loaded for that one: a mail server's library alone takes 4 MB of a worker.
 */
async function openTransport(
  config: Config,
  db: Kysely<Database>,
  closers: (() => Promise<void>)[],
): Promise<Pick<Context, 'transport' | 'inbox'>> {
  if (config.transport === 'resend') {
    const transport = resendTransport(config.resend!);
    closers.push(() => transport.close());
    return { transport, inbox: undefined };
  }
  if (config.transport === 'smtp') {
    const { smtpTransport } = await import('./transport/smtp.ts');
    const transport = smtpTransport(config.smtp!);
    closers.push(() => transport.close());
    return { transport, inbox: undefined };
  }
  return openMailbox(config, db, closers);
}

async function openMailbox(
  config: Config,
  db: Kysely<Database>,
  closers: (() => Promise<void>)[],
): Promise<Pick<Context, 'transport' | 'inbox'>> {
  const { listenMailbox } = await import('./mailbox/listen.ts');
  const { mailboxEvents } = await import('./mailbox/events.ts');
  const { mailboxInbox } = await import('./mailbox/inbox.tsx');
  const webhook = {
    db,
    webhookUrl: `http://127.0.0.1:${config.port}/webhooks/resend`,
    webhookSecret: config.webhookSecrets[0]!,
  };
  const mailbox = await listenMailbox(webhook);
  closers.push(() => mailbox.close());
  const events = mailboxEvents(webhook);
  closers.push(() => events.close());
  const { apiKey, baseUrl } = mailbox;
  const transport = resendTransport({ apiKey, baseUrl, identity: 'mailbox' });
  closers.push(() => transport.close());
  return { transport, inbox: mailboxInbox({ db, events }) };
}
