import pg from 'pg';
import { type Home, superuser } from './home.ts';
import { host } from './server.ts';

/**
 * Every process that uses the server holds a shared advisory lock, on a session of its own, for as long as it
 * does. Whoever leaves and then gets the exclusive lock was the last one, and stops the server while holding it.
 * A process that dies gives its lock back with its session.
 */
export interface Presence {
  port: number;
  /** Resolves when the session is gone, however it went. */
  ended: Promise<void>;
  /** Gives up the lock. True: nobody else is there, nobody new can come in, and the server is ours to stop. */
  giveUp(): Promise<boolean>;
  close(): Promise<void>;
}

const presenceLock = [0x42530000, 2];
const connectTimeoutMs = 5000;
/** Starting, stopping or too late; all mean: look again in a moment. */
const passing = new Set(['57P01', '57P02', '57P03']);
const wrongPassword = '28P01';

export function urlOf(home: Home, port: number, database: string): string {
  return `postgres://${superuser}:${home.password}@${host}:${port}/${database}`;
}

/** Presence on the server at `port`; `busy` while it is stopping or starting, `absent` where none of ours answers. */
export async function enter(home: Home, port: number): Promise<Presence | 'busy' | 'absent'> {
  const client = new pg.Client({
    connectionString: urlOf(home, port, 'postgres'),
    application_name: 'broadsheet presence',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  // What breaks later shows in `ended`; what breaks now shows in the query.
  client.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  try {
    await client.connect();
    const { rows } = await client.query<{ got: boolean }>(
      'select pg_try_advisory_lock_shared($1, $2) as got',
      presenceLock,
    );
    if (rows[0]?.got) return { port, ended, giveUp: () => giveUp(client), close: () => client.end() };
    await client.end();
    return 'busy';
  } catch (error) {
    await client.end().catch(() => undefined);
    const { code } = error as { code?: string };
    if (code !== undefined && passing.has(code)) return 'busy';
    // A server that does not know our password is not ours, whatever the file says.
    if (code === 'ECONNREFUSED' || code === wrongPassword) return 'absent';
    if (code === undefined || code === 'ECONNRESET') return 'busy';
    throw error;
  }
}

async function giveUp(client: pg.Client): Promise<boolean> {
  await client.query('select pg_advisory_unlock_shared($1, $2)', presenceLock);
  const { rows } = await client.query<{ got: boolean }>(
    'select pg_try_advisory_lock($1, $2) as got',
    presenceLock,
  );
  return rows[0]?.got === true;
}
