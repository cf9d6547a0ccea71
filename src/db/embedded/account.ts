import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DatabaseError } from '../connect.ts';
import { runProgram } from './program.ts';

/** Who runs the server when we are root, because PostgreSQL refuses to be root. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The account for the server: nobody special (undefined) unless we are root. Files that are there already
 * decide, so that an account which appears later does not lock us out of them.
 */
export async function chooseAccount(existingData: string | undefined): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  if (existingData) {
    const { uid, gid } = await stat(existingData);
    const name = accounts.find((account) => account.uid === uid)?.name ?? String(uid);
    return { name, uid, gid };
  }
  const found = ['postgres', 'nobody'].map((name) => accounts.find((account) => account.name === name));
  const account = found[0] ?? found[1];
  if (account) return account;
  throw new DatabaseError(
    'PostgreSQL refuses to run as root, and this system has neither an account "postgres" nor "nobody" to run it. Start Broadsheet as an ordinary user.',
  );
}

/** Whether the account can enter a folder. We ask by trying: modes do not tell about ACLs and mounts. */
export async function canEnter(account: Account | undefined, folder: string): Promise<boolean> {
  if (!account) return true;
  const { ok } = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { account, timeoutMs: 10_000 });
  return ok;
}

function readAccounts(): Account[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (!name || !uid || !gid) return [];
    // Some systems write the uid of nobody as -2.
    return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }];
  });
}
