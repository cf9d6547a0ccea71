import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * Does what a newcomer does, under whichever Node runs it: starts Broadsheet on an empty folder, waits for three
 * mails, stops it with Ctrl-C; starts it again and finds the same mails, none more. Not a test of vitest's, so that
 * another Node than the installed one can run it: `node --import tsx tests/support/smoke.ts`.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const mailsExpected = 3;
const mailsWithinMs = 60_000;
const stopWithinMs = 30_000;

const folder = await mkdtemp(join(tmpdir(), 'broadsheet-smoke-'));
// Where we are root, the account that runs PostgreSQL has to get in; otherwise the database would stay behind.
await chmod(folder, 0o711);
try {
  const first = await startAndStop();
  const second = await startAndStop();
  if (first.join() !== second.join())
    throw new Error(`The mails changed over a restart: ${first.join()} became ${second.join()}`);
  console.log(`smoke: ${first.length} mails under Node ${process.version}, the same after a restart`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The ids of the mails in the mailbox, once they are all there. */
async function startAndStop(): Promise<string[]> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      BROADSHEET_DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      // Nothing listens there: the sample edition is the same everywhere.
      HUGGINGFACE_BASE_URL: 'http://127.0.0.1:9',
    },
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    process.stdout.write(text.replace(/password \S+\)/, 'password …)'));
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const ids = await waitForMails(port, ended, () => printed.includes('Read the mail')).catch(
    (error: Error) => error,
  );
  child.kill('SIGINT');
  const code = await Promise.race([ended, pause(stopWithinMs, 'late' as const, { ref: false })]);
  if (code === 'late') child.kill('SIGKILL');
  if (ids instanceof Error) throw ids;
  if (code !== 0) throw new Error(`Broadsheet did not stop cleanly: ${code}`);
  return ids;
}

async function waitForMails(
  port: number,
  ended: Promise<number | null>,
  hasStarted: () => boolean,
): Promise<string[]> {
  const giveUpAt = Date.now() + mailsWithinMs;
  let code: number | null | undefined;
  void ended.then((value) => (code = value));
  while (Date.now() < giveUpAt) {
    if (code !== undefined) throw new Error(`Broadsheet ended by itself with ${code}`);
    const ids = await readMailIds(port);
    if (ids.length > mailsExpected) throw new Error(`${ids.length} mails, ${mailsExpected} expected`);
    if (ids.length === mailsExpected && hasStarted()) return ids;
    await pause(200);
  }
  throw new Error(`No ${mailsExpected} mails within ${mailsWithinMs / 1000} s`);
}

async function readMailIds(port: number): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/mailbox/messages.json`).catch(() => undefined);
  if (!answer?.ok) return [];
  const { messages } = (await answer.json()) as { messages: { id: string }[] };
  return messages.map(({ id }) => id).toSorted();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
