import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

export interface Outcome {
  ok: boolean;
  /** The end of what it printed, on both streams. */
  output: string;
}

const outputCharactersMax = 4000;

/** Runs a program of Postgres to its end, as `account` where one is given. Never throws for what the program says. */
export function runProgram(
  command: string,
  args: string[],
  { account, timeoutMs = 60_000 }: { account: Account | undefined; timeoutMs?: number },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      // Our own working directory may be one that the account cannot enter.
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    let output = '';
    const take = (chunk: string) => (output = (output + chunk).slice(-outputCharactersMax));
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}
