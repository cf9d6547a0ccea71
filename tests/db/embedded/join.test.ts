import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Account, canEnter } from '../../../src/db/embedded/account.ts';
import { openHome } from '../../../src/db/embedded/home.ts';
import { joinEmbedded, type Membership } from '../../../src/db/embedded/join.ts';
import { findPostmaster, startServer, stopServer } from '../../../src/db/embedded/server.ts';

const isRoot = process.getuid?.() === 0;
const nobody: Account = { name: 'nobody', uid: 65_534, gid: 65_534 };
const settings = ['fsync=off'];
const repository = fileURLToPath(new URL('../../..', import.meta.url));

let folder: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-embedded-'));
  await chmod(folder, 0o711);
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  // Whatever a test left running: the only member who leaves stops it.
  await (await joinEmbedded(dataDir, { settings }).catch(() => undefined))?.leave();
  const note = join(dataDir, 'postgres-home.json');
  if (existsSync(note)) await rm(dirname(homeIn(note)), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

describe('one process', () => {
  test('makes a database, keeps it over a restart, and stops the server when it leaves', async () => {
    const first = await joinEmbedded(dataDir, { settings });
    expect(first.startedHere).toBe(true);
    await ask(first, 'create table kept as select 42 as answer');
    await first.leave();
    expect(await isRunning()).toBe(false);

    const second = await joinEmbedded(dataDir, { settings });
    expect(await ask(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.leave();
    await second.leave();
    expect(await isRunning()).toBe(false);
  });

  test('the server listens on loopback only, asks for its password, and writes to disk', async () => {
    const member = await joinEmbedded(dataDir);
    const [row] = await ask(
      member,
      `select current_setting('listen_addresses') as hosts, current_setting('unix_socket_directories') as sockets,
              current_setting('fsync') as fsync, current_setting('server_encoding') as encoding,
              lower('ÉCOLE') as lower`,
    );
    expect(row).toEqual({ hosts: '127.0.0.1', sockets: '', fsync: 'on', encoding: 'UTF8', lower: 'école' });
    const wrong = Object.assign(new URL(member.databaseUrl), { password: 'guess' }).href;
    await expect(ask({ databaseUrl: wrong }, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const home = isRoot ? 0o711 : 0o700;
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(home);
    expect(statSync(join(dataDir, 'postgres/password')).mode & 0o777).toBe(0o600);
    await member.leave();
  });

  test('a port that is taken is passed by', async () => {
    const home = await openHome(dataDir);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await startServer(home, settings, port)).toBeUndefined();
    const postmaster = await findPostmaster(home);
    expect(postmaster).toMatchObject({ isReady: true });
    expect(postmaster!.port).not.toBe(port);
    await stopServer(home);
    taken.close();
  });

  test('a server that was killed is started again on its port, without our leaving', async () => {
    const told: string[] = [];
    let heard = () => {};
    const again = new Promise<void>((resolve) => (heard = resolve));
    const report = (sentence: string) => {
      told.push(sentence);
      if (told.length === 2) heard();
    };
    const member = await joinEmbedded(dataDir, { settings, report });
    await ask(member, 'create table kept as select 42 as answer');
    process.kill(readPid(), 'SIGKILL');
    await again;
    expect(told[1]).toBe('The embedded PostgreSQL runs again.');
    expect(await ask(member, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await member.leave();
    expect(await isRunning()).toBe(false);
  });
});

describe('several processes', () => {
  test('two that start at once share one server; the last to leave stops it', async () => {
    const [one, two] = await Promise.all([startMember(), startMember()]);
    expect(one.said['databaseUrl']).toBe(two.said['databaseUrl']);
    expect([one.said['startedHere'], two.said['startedHere']].filter(Boolean)).toHaveLength(1);
    expect(readdirSync(dataDir)).toEqual(['postgres']);
    await one.leave();
    expect(await isRunning()).toBe(true);
    await two.leave();
    expect(await isRunning()).toBe(false);
  });

  test('one that comes while the server is stopping waits and starts it again', async () => {
    const first = await joinEmbedded(dataDir, { settings });
    const [, second] = await Promise.all([first.leave(), joinEmbedded(dataDir, { settings })]);
    expect(await ask(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.leave();
    expect(await isRunning()).toBe(false);
  });

  test('a process that is killed leaves the server running; the next one joins it and stops it', async () => {
    const killed = await startMember();
    killed.child.kill('SIGKILL');
    await once(killed.child, 'close');
    expect(await isRunning()).toBe(true);
    const next = await joinEmbedded(dataDir, { settings });
    expect(next).toMatchObject({ startedHere: false, databaseUrl: killed.said['databaseUrl'] });
    await next.leave();
    expect(await isRunning()).toBe(false);
  });

  test('after both were killed, the next start recovers', async () => {
    const killed = await startMember();
    await ask(
      { databaseUrl: String(killed.said['databaseUrl']) },
      'create table kept as select 42 as answer',
    );
    killed.child.kill('SIGKILL');
    process.kill(readPid(), 'SIGKILL');
    const next = await joinEmbedded(dataDir, { settings });
    expect(next.startedHere).toBe(true);
    expect(await ask(next, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await next.leave();
  });

  test('Ctrl-C in the terminal reaches our processes and not the server', async () => {
    const member = await startMember({ detached: true });
    process.kill(-member.child.pid!, 'SIGINT');
    await once(member.child, 'close');
    expect(await isRunning()).toBe(true);
  });
});

describe('what cannot work is said in a sentence, and nothing is touched', () => {
  test('data of another major version', async () => {
    await (await joinEmbedded(dataDir, { settings })).leave();
    const version = join(dataDir, 'postgres/data/PG_VERSION');
    await writeFile(version, '17\n');
    await expect(joinEmbedded(dataDir)).rejects.toThrow(
      /made by PostgreSQL 17, and this release brings PostgreSQL 18/,
    );
    expect(readFileSync(version, 'utf8')).toBe('17\n');
  });

  test('a home without a database in it', async () => {
    await mkdir(join(dataDir, 'postgres/data'), { recursive: true });
    await expect(joinEmbedded(dataDir)).rejects.toThrow('holds no database of PostgreSQL');
    expect(readdirSync(join(dataDir, 'postgres/data'))).toEqual([]);
  });

  test('a database that its note names and that is gone', async () => {
    await mkdir(dataDir);
    await writeFile(
      join(dataDir, 'postgres-home.json'),
      JSON.stringify({ folder: join(folder, 'gone/postgres') }),
    );
    await expect(joinEmbedded(dataDir)).rejects.toThrow('which is gone');
  });

  test('a data folder that is a file', async () => {
    await writeFile(dataDir, '');
    await expect(joinEmbedded(dataDir)).rejects.toThrow(/cannot be made \(EEXIST\)/);
  });

  test('a server that does not start shows the end of its log', async () => {
    await expect(joinEmbedded(dataDir, { settings: ['wal_level=wrong'] })).rejects.toThrow(
      /does not start[^]*invalid value for parameter "wal_level"/,
    );
    expect(await isRunning()).toBe(false);
  });
});

/** These need root, as which .ci/run runs: only root can be somebody else. */
describe.runIf(isRoot)('accounts', () => {
  test('root runs the server as somebody else, inside the data folder where that one can enter', async () => {
    const member = await joinEmbedded(dataDir, { settings });
    expect(statSync(join(dataDir, 'postgres/data')).uid).not.toBe(0);
    expect(readdirSync(dataDir)).toEqual(['postgres']);
    await member.leave();
  });

  test('in a folder that others cannot enter, the database lies where the note says, also at the second start', async () => {
    await chmod(folder, 0o700);
    const first = await joinEmbedded(dataDir, { settings });
    await ask(first, 'create table kept as select 42 as answer');
    await first.leave();
    expect(readdirSync(dataDir)).toEqual(['postgres-home.json']);
    expect(existsSync(join(homeIn(join(dataDir, 'postgres-home.json')), 'data/PG_VERSION'))).toBe(true);
    const second = await joinEmbedded(dataDir, { settings });
    expect(await ask(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.leave();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('an ordinary user runs it as themselves, and is told when the data is another account’s', async () => {
    if (!(await canEnter(nobody, repository))) {
      console.warn(`NOT RUN as an ordinary user: others cannot enter ${repository}.`);
      return;
    }
    await chown(folder, nobody.uid, nobody.gid);
    const member = await startMember({ account: nobody });
    expect(member.said).toMatchObject({ startedHere: true });
    expect(statSync(join(dataDir, 'postgres/data')).uid).toBe(nobody.uid);
    await member.leave();

    await chown(join(dataDir, 'postgres/data'), 0, 0);
    const stranger = await startMember({ account: nobody });
    expect(stranger.said['error']).toMatch(/belongs to another account/);
    await chown(join(dataDir, 'postgres/data'), nobody.uid, nobody.gid);
  });
});

interface Member {
  child: ChildProcess;
  said: Record<string, unknown>;
  leave(): Promise<void>;
}

async function startMember({
  account,
  detached = false,
}: { account?: Account; detached?: boolean } = {}): Promise<Member> {
  const script = join(repository, 'tests/support/member.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    cwd: repository,
    detached,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  const said = JSON.parse(String(first.value)) as Record<string, unknown>;
  const leave = async () => {
    child.stdin!.end();
    expect(JSON.parse(String((await lines.next()).value))).toEqual({ left: true });
    await once(child, 'close');
  };
  return { child, said, leave };
}

async function ask({ databaseUrl }: Pick<Membership, 'databaseUrl'>, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function isRunning(): Promise<boolean> {
  return (await findPostmaster(await openHome(dataDir))) !== undefined;
}

function readPid(): number {
  return parseInt(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8'), 10);
}

function homeIn(note: string): string {
  return (JSON.parse(readFileSync(note, 'utf8')) as { folder: string }).folder;
}
