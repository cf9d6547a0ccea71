import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bouncesImport } from '../../src/commands/bounces.ts';
import { runCommand } from '../support/command.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-bounces-'));
  await writeFile(join(folder, 'mbox'), '');
  await mkdir(join(folder, 'new'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(...args: string[]) {
  const env = {
    DATABASE_URL: database.databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    BROADSHEET_DATA_DIR: join(folder, 'data'),
  };
  return runCommand(bouncesImport, args, { cwd: folder, env });
}

test.each(['mbox', 'new'])('where there is no mail nothing is wrong, and it is said: %s', async (path) => {
  expect(await run(path)).toMatchObject({
    code: 0,
    stdout: `There is no mail in ${path}: nothing was read.\n`,
    stderr: '',
  });
  const { code, stdout } = await run(path, '--json');
  expect({ code, read: (JSON.parse(stdout) as { read: number }).read }).toEqual({ code: 0, read: 0 });
});

test('a path that leads nowhere is a failure, with a sentence', async () => {
  expect(await run('absent')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'broadsheet bounces: absent is not there, or may not be read.\n',
  });
});
