import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** The short form of `npm run chaos`, as a process of its own: its workers must be its children, not vitest's. */
const entry = fileURLToPath(new URL('./chaos.ts', import.meta.url));
const timeoutMs = 300_000;

test(
  'kill -9 at named points and at random, restarts, lost answers, webhooks in any order: nothing doubled, nothing lost',
  { timeout: timeoutMs },
  async () => {
    const args = ['--import', 'tsx', entry, '--subscribers', '150', '--kills', '5', '--seed', '5'];
    const run = promisify(execFile)(process.execPath, args, { timeout: timeoutMs - 10_000 });
    const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`);
    });
    expect(stdout).toMatch(/^doubled 0, lost 0, unknown 0$/m);
    expect(stdout).toMatch(/^ +[1-9]\d* {2}killed before-settle$/m);
    expect(stdout).toMatch(/^ +[1-9]\d* {2}Postgres crashes and starts again$/m);
  },
);
