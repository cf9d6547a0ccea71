import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Context } from './context.ts';
import { makeDataDir } from './data-dir.ts';

/** The file in the data folder whose age tells whether a process without a port is well. */
export const heartbeatFile = 'alive';
/** Older than this is ill: three beats missed. The health checks of docker-compose.yml look for it. */
export const heartbeatOlderThanS = 60;
const beatMs = 20_000;
const beatTimeoutMs = 10_000;

/**
 * Touches the heartbeat file as long as this process does what it is for: its loop turns, the database answers, and it
 * holds its lease where it delivers. Redis is left out, because a worker waits for it by itself.
 */
export function startHeartbeat(ctx: Context): () => Promise<void> {
  const path = join(ctx.config.dataDir, heartbeatFile);
  makeDataDir(ctx.config.dataDir);
  let beating: Promise<void> | undefined;
  const turn = () => {
    beating ??= beat(ctx, path).finally(() => (beating = undefined));
  };
  turn();
  const timer = setInterval(turn, beatMs);
  return async () => {
    clearInterval(timer);
    await beating;
    await rm(path, { force: true });
  };
}

/** One beat. A failure leaves the file as old as it is, which is the message. */
export async function beat(ctx: Context, path: string): Promise<void> {
  try {
    await ctx.db.transaction().execute(async (trx) => {
      await sql`set local statement_timeout = ${sql.raw(String(beatTimeoutMs))}`.execute(trx);
      await sql`select 1`.execute(trx);
    });
    ctx.lease?.id();
    await writeFile(path, `${new Date().toISOString()}\n`, { mode: 0o600 });
  } catch (error) {
    ctx.log.warn({ err: (error as Error).message }, 'no heartbeat');
  }
}
