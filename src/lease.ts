import { randomInt } from 'node:crypto';
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
  close(): Promise<void>;
}

const keepaliveMs = 10_000;
const reconnectAfterMs = 1_000;
const leaseIdMax = 2 ** 31 - 1;

export async function openLease(databaseUrl: string, log: Logger): Promise<Lease> {
  let held: { client: pg.Client; id: number } | undefined;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  async function take(): Promise<void> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'broadsheet lease',
      keepAlive: true,
      keepAliveInitialDelayMillis: keepaliveMs,
    });
    client.on('error', () => {});
    client.on('end', () => lose(client));
    await client.connect();
    // The server notices a dead host by these, and frees the lock.
    await client.query(
      `set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3`,
    );
    const id = randomInt(1, leaseIdMax);
    const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as got', [leaseClass, id]);
    if (!rows[0].got) throw new Error('The lease id is taken, which one in two billion is; trying another.');
    held = { client, id };
  }

  function lose(client: pg.Client): void {
    if (closing || (held && held.client !== client)) return;
    if (held) log.warn('The lease connection is gone; claims pause until there is a new one.');
    held = undefined;
    timer = setTimeout(() => take().catch(() => lose(client)), reconnectAfterMs);
  }

  await take();
  return {
    id() {
      if (!held) throw new Retryable('This process holds no lease at the moment.', reconnectAfterMs);
      return held.id;
    },
    async close() {
      closing = true;
      clearTimeout(timer);
      await held?.client.end().catch(() => {});
    },
  };
}
