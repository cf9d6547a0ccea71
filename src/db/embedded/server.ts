import { readFileSync, statSync } from 'node:fs';
import { open, readFile, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError } from '../connect.ts';
import type { Home } from './home.ts';
import { runProgram } from './program.ts';

/** What the server says of itself in postmaster.pid. */
export interface Postmaster {
  pid: number;
  port: number;
  /** It takes connections; otherwise it is starting or stopping. */
  isReady: boolean;
}

/** Settings beyond the usual, `name=value`: only tests have reasons for them. */
export type Settings = readonly string[];

export const host = '127.0.0.1';
const startTimeoutS = 30;
const stopTimeoutMs = 30_000;
const stopLookMs = 10;
const reapedWithinMs = 2000;
const logBytesMax = 10_000_000;
const logTailBytes = 3000;

const usual: Settings = [
  `listen_addresses=${host}`,
  'unix_socket_directories=',
  'max_connections=100',
  'jit=off',
  // The first change of a page after a checkpoint logs the whole page; packed, it is smaller.
  'wal_compression=on',
  'log_checkpoints=off',
  'log_line_prefix=%m_[%p]_',
];

/** The server of this home, if there is one alive. A file that a crash left behind does not count. */
export async function findPostmaster(home: Home): Promise<Postmaster | undefined> {
  const found = await readPostmaster(home);
  const life = found && lifeOf(found.pid);
  if (life === 'alive') return found;
  // PostgreSQL itself gets over a process that is gone, but refuses to start over one that seems to live: a number
  // given to another program since, or a killed server that nobody reaps, as happens in containers.
  if (life === 'defunct') await pause(reapedWithinMs);
  if (life === 'defunct' || life === 'another program') {
    const now = await readPostmaster(home);
    if (now?.pid === found?.pid) await rm(pidFile(home), { force: true });
  }
  return undefined;
}

/**
 * Starts the server on a free port. It leaves our process group, so Ctrl-C in the terminal does not reach it.
 * Gives the end of its log when it does not come up, for instance because another process was faster.
 */
export async function startServer(
  home: Home,
  settings: Settings,
  preferredPort?: number,
): Promise<{ failure: string } | undefined> {
  const port = await findPort(preferredPort);
  const before = await sizeOfLog(home);
  const flags = [...usual, ...settings].map((setting) => `-c ${setting}`).join(' ');
  const { ok, output } = await runProgram(
    home.binaries.pgCtl,
    [
      'start',
      '-w',
      '-t',
      String(startTimeoutS),
      '-D',
      home.data,
      '-l',
      home.log,
      '-o',
      `-p ${port} ${flags}`,
    ],
    { account: home.account, timeoutMs: (startTimeoutS + 10) * 1000 },
  );
  return ok ? undefined : { failure: (await readLogFrom(home, before)) || output };
}

/**
 * Stops the server: open transactions are rolled back, and all that was committed is on disk. It waits for this very
 * process, as pg_ctl does not: when somebody starts the next server at once, that one must not be waited for.
 */
export async function stopServer(home: Home): Promise<void> {
  const postmaster = await findPostmaster(home);
  if (!postmaster) return;
  // SIGINT is its "fast" shutdown.
  process.kill(postmaster.pid, 'SIGINT');
  const giveUpAt = Date.now() + stopTimeoutMs;
  while ((await readPostmaster(home))?.pid === postmaster.pid && lifeOf(postmaster.pid) === 'alive') {
    if (Date.now() > giveUpAt) {
      throw new DatabaseError(
        `The embedded PostgreSQL (process ${postmaster.pid}) does not stop. The end of ${home.log} may tell why.`,
      );
    }
    await pause(stopLookMs);
  }
}

function pidFile(home: Home): string {
  return join(home.data, 'postmaster.pid');
}

/** Its lines: pid, folder, start, port, socket folder, address, shared memory, state. */
async function readPostmaster(home: Home): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(home), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), isReady: lines[7]?.trim() === 'ready' };
}

function lifeOf(pid: number): 'alive' | 'gone' | 'defunct' | 'another program' {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  // "123 (postgres) S …"; only Linux has this file, and elsewhere we believe the number.
  const [, program, state] = /^\d+ \((.*)\) (\w)/s.exec(readIfThere(`/proc/${pid}/stat`)) ?? [];
  if (program === undefined) return 'alive';
  if (program !== 'postgres') return 'another program';
  return state === 'Z' ? 'defunct' : 'alive';
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The port of before, if it is still free, so that open pools find the server again; otherwise any. */
async function findPort(preferred: number | undefined): Promise<number> {
  const free = preferred === undefined ? undefined : await tryPort(preferred);
  return free ?? (await tryPort(0))!;
}

function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(wanted, host, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** The log's length, after emptying one that grew too long. */
async function sizeOfLog({ log }: Home): Promise<number> {
  const { size } = statSync(log, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size <= logBytesMax) return size;
  await truncate(log);
  return 0;
}

async function readLogFrom({ log }: Home, from: number): Promise<string> {
  const file = await open(log).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - logTailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(logTailBytes), 0, logTailBytes, start);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
