import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../support/database.ts';
import { openMailboxPeer } from '../support/resend-peers.ts';

const script = fileURLToPath(new URL('../../bench/smoke-resend.ts', import.meta.url));

function smoke(env: Record<string, string>) {
  const { PATH, HOME } = process.env as Record<string, string>;
  return promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
    env: { ...(PATH && { PATH }), ...(HOME && { HOME }), RESEND_API_KEY: '', ...env },
  });
}

test('without a key it says loudly that it did not run', async () => {
  const { stdout, stderr } = await smoke({});
  expect(stdout).toBe('');
  expect(stderr).toContain('NOT RUN');
});

test('every check of it holds against the mailbox, which stands in for Resend', async () => {
  const database = await openTestDatabase();
  const peer = await openMailboxPeer(database);
  const { stdout } = await smoke({ RESEND_API_KEY: peer.apiKey, RESEND_BASE_URL: peer.baseUrl });
  await peer.close();
  await database.close();
  expect(stdout).not.toContain('✗');
  expect(stdout.match(/^✓/gm)).toHaveLength(11);
});
