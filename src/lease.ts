import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { leaseClass } from './db/batches.ts';
import type { Logger } from './log.ts';
import { Retryable } from './queue/errors.ts';

/**
 * A process's right to claim batches (RULES 8): a session-level advisory lock under a fresh id, on a direct connection.
 * When the process dies, Postgres frees it, and its batches can be claimed at once. When only the connection
 * dies, the id is gone with it: a new one is taken, and writes under the old one change no row.
 */
export interface Lease {
  /** The id under which to claim. Throws `Retryable` while there is none. */
  id(): number;
  /**
   * What this process is at, as `batch 7`. A claim can be taken up again by its own process, so a second nudge must not
   * start beside the first.
   */
  readonly inHand: Set<string>;
  close(): Promise<void>;
}

interface Held {
  client: pg.Client;
  id: number;
}

const keepaliveMs = 10_000;
const connectTimeoutMs = 10_000;
const reconnectAfterMs = 1_000;
const leaseIdMax = 2 ** 31 - 1;

export async function openLease(databaseUrl: string, log: Logger): Promise<Lease> {
  const stop = new AbortController();
  let held: Held | undefined;
  let renewing: Promise<void> = Promise.resolve();

  function hold(taken: Held): void {
    held = taken;
    taken.client.once('end', () => {
      if (held !== taken) return;
      held = undefined;
      if (stop.signal.aborted) return;
      log.warn('The lease connection is gone; claims pause until there is a new one.');
      renewing = renew();
    });
  }

  /** One attempt after the other, however the last one failed: a server that is away must not be stormed. */
  async function renew(): Promise<void> {
    while (!held && !stop.signal.aborted) {
      await sleep(reconnectAfterMs, undefined, { signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      const taken = await take(databaseUrl).catch(() => undefined);
      if (taken) hold(taken);
    }
  }

  hold(await take(databaseUrl));
  return {
    id() {
      if (!held) throw new Retryable('This process holds no lease at the moment.', reconnectAfterMs);
      return held.id;
    },
    inHand: new Set(),
    async close() {
      stop.abort();
      await renewing;
      await held?.client.end().catch(() => {});
    },
  };
}

async function take(databaseUrl: string): Promise<Held> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'broadsheet lease',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepaliveMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    // The server notices a dead host by these, and frees the lock.
    await client.query(
      `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3`,
    );
    const id = randomInt(1, leaseIdMax);
    const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as got', [leaseClass, id]);
    if (!rows[0].got) throw new Error('The lease id is taken, which one in two billion is; start again.');
    return { client, id };
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
