import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openPool } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL for the whole run; its database `broadsheet` is migrated, empty, and only ever cloned. */
    templateUrl: string;
  }
}

const prefix = 'broadsheet-tests-';
/** Nothing here has to survive a power cut. */
const settings = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=200'];

/** One embedded PostgreSQL for the whole run, with a migrated template to clone from. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await sweepKilledRuns();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // Where we are root, the account that runs the server has to get in.
  await chmod(folder, 0o711);
  const postgres = await joinEmbedded(join(folder, 'data'), { settings, report: console.warn });
  const pool = openPool(postgres.databaseUrl, { max: 2, applicationName: 'template' });
  await migrate(pool);
  await pool.end();
  provide('templateUrl', postgres.databaseUrl);
  return async () => {
    await postgres.leave();
    await rm(folder, { recursive: true, force: true });
  };
}

/** A run that was killed leaves its server behind. Joining as the only one and leaving again stops it. */
async function sweepKilledRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : NaN;
    if (!(pid > 0) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    const left = await joinEmbedded(join(folder, 'data'), { settings }).catch(() => undefined);
    await left?.leave().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
