import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { plainArray, readIntegers } from './integers.ts';
import { PreparingClient } from './prepared.ts';
import type { Database } from './schema.ts';

export interface PoolOptions {
  /** Connections at most. Workers on the Postgres queues need one each, and four more (RULES 26). */
  max: number;
  /** What `pg_stat_activity` shows. */
  applicationName: string;
}

/** The database cannot be used as it stands; the message is for the operator. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

const connectTimeoutMs = 10_000;
const keepAliveDelayMs = 10_000;
/** Longer than a process is prepared ahead of its hour: what was opened then is still open when the hour strikes. */
const idleMs = 180_000;
const idleInTransactionMs = 300_000;
const dateOid = 1082;
const integerArrayOid = 1007;
const integerArrayOids: ReadonlySet<number> = new Set([1005, integerArrayOid]);

/**
 * A pool that knows our schemas, reads dates as text (`YYYY-MM-DD`) and survives a restart of the server: what
 * breaks is replaced at the next use. Opens no connection yet. The caller ends it.
 */
export function openPool(databaseUrl: string, { max, applicationName }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: withSession(databaseUrl),
    max,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    types: { getTypeParser: parserFor },
  });
  // Without a listener a lost connection ends the process. Whoever is using it sees its query fail, which is enough.
  // Every queue and worker of BullMQ listens to the pool too.
  pool.setMaxListeners(100);
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

export function openDatabase(pool: pg.Pool): Kysely<Database> {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Opens as many connections as are to be in use at once, where fewer are open; it waits for none that somebody else has. What
 * cannot be opened now is opened, or fails, when it is wanted.
 */
export async function openConnections(pool: pg.Pool, count: number): Promise<void> {
  const free = pool.options.max - (pool.totalCount - pool.idleCount);
  const length = Math.min(count, free);
  const clients = await Promise.allSettled(Array.from({ length }, () => pool.connect()));
  for (const client of clients) if (client.status === 'fulfilled') client.value.release();
}

/**
 * Throws where a pooler gives every transaction another session: leases and LISTEN live in sessions (RULES 8).
 * Two clients held at once have two sessions, unless somebody in between shares them out.
 */
export async function assertSessions(pool: pg.Pool): Promise<void> {
  const first = await pool.connect().catch(explain);
  try {
    const second = pool.options.max > 1 ? await pool.connect() : first;
    try {
      for (let round = 0; round < 3; round += 1) {
        const before = await sessionOf(first);
        if (second !== first && (await sessionOf(second)) === before) refusePooler();
        if ((await sessionOf(first)) !== before) refusePooler();
      }
    } finally {
      if (second !== first) second.release();
    }
  } finally {
    first.release();
  }
}

/** Adds what every session of ours has to the connection string, after what the operator put there. */
function withSession(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const ours = [
    'search_path=broadsheet,bullmq,public',
    'TimeZone=UTC',
    'DateStyle=ISO',
    `idle_in_transaction_session_timeout=${idleInTransactionMs}`,
  ].map((setting) => `-c ${setting}`);
  url.searchParams.set('options', [url.searchParams.get('options') ?? '', ...ours].join(' ').trim());
  return url.href;
}

function parserFor(oid: number, format?: 'text' | 'binary') {
  if (oid === dateOid && format !== 'binary') return (text: string) => text;
  // Two dozen integers a digest: pg's own reader of arrays looks at each character.
  if (integerArrayOids.has(oid) && format !== 'binary') return readIntegerArray;
  return pg.types.getTypeParser(oid, format as 'text');
}

const parseArray = pg.types.getTypeParser(integerArrayOid as never, 'text') as (text: string) => unknown;

function readIntegerArray(text: string): unknown {
  if (plainArray.test(text)) return readIntegers(text.slice(1, -1));
  return parseArray(text);
}

async function sessionOf(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

/** PgBouncer refuses start-up options that it was not told to let through, before anything can be asked. */
function explain(error: unknown): never {
  const isProtocolError = error instanceof pg.DatabaseError && error.code === '08P01';
  if (isProtocolError) refusePooler(error);
  throw error;
}

function refusePooler(cause?: Error): never {
  const message =
    'DATABASE_URL leads to a connection pooler in transaction mode. Leases and notifications need sessions of their own: give the direct address of Postgres, or a pooler in session mode.';
  throw new DatabaseError(message, { cause });
}

function ignore(): void {}
