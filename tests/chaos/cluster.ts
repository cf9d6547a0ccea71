import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { openPool } from '../../src/db/connect.ts';
import { openHome } from '../../src/db/embedded/home.ts';
import { urlOf } from '../../src/db/embedded/presence.ts';
import { findPostmaster, startServer, stopServer } from '../../src/db/embedded/server.ts';
import { migrate } from '../../src/db/migrate.ts';

/** A PostgreSQL of the kit's own, with one database for Broadsheet and one for the other end. */
export interface Cluster {
  databaseUrl: string;
  providerUrl: string;
  /** As an operator restarts it, or as it crashes: then it recovers from its log. Same port, same data. */
  restart(how: 'stops' | 'crashes'): Promise<void>;
  close(): Promise<void>;
}

// Only a power cut would need fsync. Commits stay synchronous: what a crash of the server alone forgets is tested.
const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=300', 'log_min_messages=fatal'];
const lookMs = 20;

export async function openCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), `broadsheet-chaos-${process.pid}-`));
  await chmod(folder, 0o711);
  const home = await openHome(join(folder, 'data'));
  const failed = await startServer(home, settings);
  if (failed) throw new Error(`The kit's PostgreSQL does not start: ${failed.failure}`);
  const { port } = (await findPostmaster(home))!;
  const urls = await Promise.all(
    ['broadsheet', 'provider'].map(async (name) => {
      const admin = new pg.Client({ connectionString: urlOf(home, port, 'postgres') });
      await admin.connect();
      await admin.query(`create database ${name} template template0`);
      await admin.end();
      const pool = openPool(urlOf(home, port, name), { max: 3, applicationName: 'chaos migration' });
      await migrate(pool);
      await pool.end();
      return urlOf(home, port, name);
    }),
  );
  return {
    databaseUrl: urls[0]!,
    providerUrl: urls[1]!,
    async restart(how) {
      const { pid } = (await findPostmaster(home))!;
      if (how === 'stops') await stopServer(home);
      else process.kill(pid, 'SIGQUIT');
      while ((await findPostmaster(home))?.pid === pid) await pause(lookMs);
      const trouble = await startServer(home, settings, port);
      const now = await findPostmaster(home);
      if (trouble || now?.port !== port)
        throw new Error(`PostgreSQL did not come back on its port. ${trouble?.failure}`);
    },
    async close() {
      await stopServer(home);
      await rm(join(home.data, '..'), { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
