import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { announceCommand } from '../../src/commands/announce.ts';
import { subscribersImport } from '../../src/commands/subscribers.ts';
import { runCommand } from '../support/command.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-announce-'));
  env = {
    DATABASE_URL: database.databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    MAIL_RATE_PER_SECOND: '1000',
    BROADSHEET_DATA_DIR: join(folder, 'data'),
  };
  await copyFile('emails/announcement.mjml', join(folder, 'news.mjml'));
  await writeFile(
    join(folder, 'readers.csv'),
    'email,topics\nada@uni.test,reasoning\nbo@uni.test,robots\ncy@uni.test,reasoning\n',
  );
  await runCommand(subscribersImport, ['readers.csv', '--confirmed'], { cwd: folder, env });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function announce(...args: string[]) {
  const { code, stdout, stderr } = await runCommand(announceCommand, [...args, '--json'], {
    cwd: folder,
    env,
  });
  return { code, stderr, json: stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>) };
}

async function mailed(): Promise<string[]> {
  const { rows } = await database.pool.query<{ to: string }>(
    'select to_address as to from mailbox_messages order by place',
  );
  return rows.map(({ to }) => to);
}

test('a dry run counts, a test goes to one address, and without a yes nothing else leaves', async () => {
  const subject = 'News from Broadsheet';
  expect(await announce('news.mjml', '--dry-run')).toMatchObject({
    code: 0,
    json: { subject, audience: 3, started: false },
  });
  expect(await announce('news.mjml', '--dry-run', '--topic', 'reasoning')).toMatchObject({
    json: { audience: 2 },
  });
  expect(await announce('news.mjml')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('goes to 3 readers. Say --yes'),
  });
  expect(await announce('news.mjml', '--test', 'me@uni.test')).toMatchObject({
    code: 0,
    json: { to: 'me@uni.test', subject },
  });
  const { rows } = await database.pool.query('select subject, to_address from mailbox_messages');
  expect(rows).toEqual([{ subject: `[Test] ${subject}`, to_address: 'me@uni.test' }]);
});

test('with a yes it reaches the topic’s readers, then the others; and nobody twice', async () => {
  await database.pool.query('truncate mailbox_messages');
  const ledger = { audience: 2, pending: 0, accepted: 2, skipped: {}, failed: {}, unknown: 0 };
  const topic = ['news.mjml', '--topic', 'reasoning', '--yes', '--wait'];
  expect(await announce(...topic)).toMatchObject({
    code: 0,
    json: { started: true, state: 'closed', ledger },
  });
  expect(await announce(...topic)).toMatchObject({
    code: 0,
    json: { started: false, state: 'closed', ledger },
  });
  expect(await announce('news.mjml', '--yes', '--wait')).toMatchObject({
    json: { ledger: { audience: 3, accepted: 1, skipped: { already_mailed: 2 } } },
  });
  expect((await mailed()).toSorted()).toEqual(['ada@uni.test', 'bo@uni.test', 'cy@uni.test']);
});

test('what is wrong is said, with lines, before anything is opened', async () => {
  const source = await readFile(join(folder, 'news.mjml'), 'utf8');
  await writeFile(join(folder, 'bad.mjml'), source.replace('{{topics}}', '{{topicz}}'));
  const bad = await announce('bad.mjml', '--yes');
  expect(bad).toMatchObject({ code: 1, json: { error: bad.stderr.trimEnd() } });
  expect(bad.stderr).toMatch(
    /bad\.mjml is not ready to be mailed:\n {2}Line 64: \{\{topicz\}\} is not known/,
  );
  expect(await announce('none.mjml', '--yes')).toMatchObject({ code: 2 });
  expect(await announce('news.mjml', '--yes', '--topic', 'nothing')).toMatchObject({ code: 2 });
  expect(await announce('news.mjml', '--test', 'nobody')).toMatchObject({ code: 2 });
});
