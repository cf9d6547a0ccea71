import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDataDir } from '../../data-dir.ts';
import { DatabaseError } from '../connect.ts';
import { type Account, canEnter, chooseAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { runProgram } from './program.ts';

/** Where one embedded cluster lives, and who runs it with which programs. */
export interface Home {
  data: string;
  log: string;
  password: string;
  account: Account | undefined;
  binaries: Binaries;
}

/** Where root keeps what the server's account cannot reach in the operator's folders. */
const systemDir = '/var/lib/broadsheet';
const noteName = 'postgres-home.json';
export const superuser = 'broadsheet';

/**
 * The cluster of a data folder, made now if there is none yet. It appears whole: initdb works in a draft folder
 * that is renamed when done, so a crash leaves a draft and no half cluster, and of two processes that start at
 * once the second throws its draft away.
 */
export async function openHome(dataDir: string): Promise<Home> {
  makeDataDir(dataDir);
  const inside = join(dataDir, 'postgres');
  let folder = readNote(dataDir) ?? (existsSync(inside) ? inside : undefined);
  const account = await chooseAccount(folder && join(folder, 'data'));
  folder ??= (await canEnter(account, dataDir)) ? inside : await takeSystemFolder(dataDir, account!);

  const binaries = await findBinaries(
    account,
    account ? join(systemDir, 'programs') : join(dataDir, 'programs'),
  );
  if (!existsSync(folder)) await makeCluster(folder, account, binaries);
  await checkCluster(folder, account, binaries);
  return {
    data: join(folder, 'data'),
    log: join(folder, 'server.log'),
    password: await readPassword(folder),
    account,
    binaries,
  };
}

/** The folder that a note in the data folder names. Without what it names, starting empty would look like a loss. */
function readNote(dataDir: string): string | undefined {
  const note = join(dataDir, noteName);
  if (!existsSync(note)) return undefined;
  const { folder } = JSON.parse(readFileSync(note, 'utf8')) as { folder: string };
  if (existsSync(dirname(folder))) return folder;
  throw new DatabaseError(
    `The database of ${dataDir} was kept in ${folder}, which is gone. Bring it back, or remove ${note} to start with an empty one.`,
  );
}

/** Chooses a folder that the account can reach and notes it, once: who comes second takes the first one's. */
async function takeSystemFolder(dataDir: string, account: Account): Promise<string> {
  const folder = join(systemDir, randomUUID(), 'postgres');
  const why = `PostgreSQL refuses to run as root, so "${account.name}" runs it, who cannot enter ${dataDir}.`;
  const note = join(dataDir, noteName);
  const draft = `${note}.${randomUUID()}`;
  await mkdir(dirname(folder), { recursive: true });
  // These two are ours, and the account passes through them whatever the umask is.
  for (const ours of [systemDir, dirname(folder)]) await chmod(ours, 0o755);
  await writeFile(draft, JSON.stringify({ folder, why }, undefined, 2), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, note);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(dirname(folder), { recursive: true });
  } finally {
    await rm(draft);
  }
  return readNote(dataDir)!;
}

async function makeCluster(folder: string, account: Account | undefined, binaries: Binaries): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  const data = join(draft, 'data');
  const password = randomBytes(24).toString('base64url');
  const passwordForServer = join(draft, 'password-for-initdb');
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    await chmod(draft, account ? 0o711 : 0o700);
    await writeFile(join(draft, 'password'), password, { mode: 0o600 });
    await writeFile(passwordForServer, password, { mode: 0o600 });
    await writeFile(join(draft, 'server.log'), '', { mode: 0o600 });
    if (account) {
      for (const path of [data, passwordForServer, join(draft, 'server.log')]) {
        await chown(path, account.uid, account.gid);
      }
    }
    await initialise(data, passwordForServer, account, binaries);
    await rm(passwordForServer);
    await rename(draft, folder);
  } catch (error) {
    const isLost = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (isLost && existsSync(folder)) return;
    throw new DatabaseError(`No database could be made in ${folder}. ${(error as Error).message}`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The builtin C.UTF-8 locale is the same on every machine, so no update of the system spoils an index.
 * With --no-sync a power cut in the first half minute of a data folder's life may spoil it, when it holds nothing of
 * worth; without it every first start would wait for the disk. Whatever is written later is synced as ever.
 */
async function initialise(
  data: string,
  passwordFile: string,
  account: Account | undefined,
  { initdb }: Binaries,
): Promise<void> {
  const args = [
    ['-D', data, '-U', superuser, `--pwfile=${passwordFile}`],
    ['--auth=scram-sha-256', '--encoding=UTF8', '--no-sync', '--text-search-config=english'],
    ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
  ];
  const { ok, output } = await runProgram(initdb, args.flat(), { account });
  if (!ok) throw new Error(`PostgreSQL said:\n${complaintsIn(output)}`);
}

/** The lines that matter; initdb also tells at length what went well. */
function complaintsIn(output: string): string {
  const lines = output.split('\n');
  const complaints = lines.filter((line) => /FATAL|PANIC|ERROR|HINT|error:|fatal:/.test(line));
  return (complaints.length > 0 ? complaints : lines.slice(-5)).join('\n');
}

async function checkCluster(
  folder: string,
  account: Account | undefined,
  { major }: Binaries,
): Promise<void> {
  const data = join(folder, 'data');
  if (account && !(await canEnter(account, data))) {
    throw new DatabaseError(
      `PostgreSQL refuses to run as root, so "${account.name}" runs it, who cannot enter ${data}. Let others pass through the folders above it (chmod o+x), or set BROADSHEET_DATA_DIR to another place.`,
    );
  }
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new DatabaseError(
      error.code === 'ENOENT'
        ? `${data} holds no database of PostgreSQL. Restore it from a backup, or move ${folder} away to start with an empty one.`
        : `${data} cannot be read (${error.code}). It belongs to another account: start as that one, or set BROADSHEET_DATA_DIR to another place.`,
    );
  });
  if (found.trim() === major) return;
  throw new DatabaseError(
    `The database in ${folder} was made by PostgreSQL ${found.trim()}, and this release brings PostgreSQL ${major}. Nothing was touched. Use the release that made it, or dump it there with pg_dump and load it into a new data folder.`,
  );
}

async function readPassword(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'password'), 'utf8');
  } catch (error) {
    throw new DatabaseError(
      `The password of the database in ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}). Start as the account that made it, or set BROADSHEET_DATA_DIR to another place.`,
    );
  }
}
