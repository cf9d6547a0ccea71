import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Command } from '../../src/commands/command.ts';
import { suppressionsAdd, suppressionsList, suppressionsRemove } from '../../src/commands/suppressions.ts';
import { suppressionsImport, suppressionsSync } from '../../src/commands/suppressions-bring.ts';
import { addMailboxSuppressions } from '../../src/db/mailbox-suppressions.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { runCommand } from '../support/command.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const suppressionKey = Buffer.alloc(32, 2);
let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-suppressions-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => database.pool.query('truncate suppressions, mailbox_suppressions, lifts'));

function say(command: Command, ...args: string[]) {
  const env = {
    DATABASE_URL: database.databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    SUPPRESSION_KEY: suppressionKey.toString('base64'),
    BROADSHEET_DATA_DIR: join(folder, 'data'),
  };
  return runCommand(command, args, { cwd: folder, env });
}

async function run(command: Command, ...args: string[]) {
  const { code, stdout, stderr } = await say(command, ...args, '--json');
  return { code, stderr, json: stdout === '' ? undefined : (JSON.parse(stdout) as Record<string, unknown>) };
}

const hash = (address: string) => addressHash(suppressionKey, address);

test('an address is added once, listed as a hash only, and removed', async () => {
  const wanted = hash('ada@uni.test').toString('hex');
  expect(await run(suppressionsAdd, 'Ada@Uni.test')).toMatchObject({
    code: 0,
    json: { added: true, hash: wanted },
  });
  expect(await run(suppressionsAdd, 'ada@uni.test')).toMatchObject({ code: 0, json: { added: false } });
  const { json } = await run(suppressionsList);
  expect(json).toEqual({
    suppressions: [
      { hash: wanted, reason: 'manual', origin: 'operator', at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ],
  });
  expect(JSON.stringify(json)).not.toContain('ada');
  expect(await run(suppressionsRemove, 'ADA@uni.test')).toMatchObject({ code: 0, json: { removed: true } });
  expect(await run(suppressionsRemove, 'ada@uni.test')).toMatchObject({ code: 1, json: { removed: false } });
  expect((await run(suppressionsList)).json).toEqual({ suppressions: [] });
});

test.each(['complaint', 'erased'] as const)(
  '%s is the reader’s own word: an operator cannot lift it',
  async (reason) => {
    await suppress(database.db, { addressHash: hash('bo@uni.test'), reason, origin: 'webhook' });
    const { code, json, stderr } = await run(suppressionsRemove, 'bo@uni.test');
    expect({ code, json }).toEqual({ code: 1, json: { removed: false, kept: reason } });
    expect(stderr).toContain('only they can undo it');
    expect(((await run(suppressionsList)).json!['suppressions'] as unknown[]).length).toBe(1);
  },
);

test('a bounce can be lifted by an operator who knows better', async () => {
  await suppress(database.db, { addressHash: hash('cy@uni.test'), reason: 'hard_bounce', origin: 'webhook' });
  expect(await run(suppressionsRemove, 'cy@uni.test')).toMatchObject({ code: 0, json: { removed: true } });
});

test('where nothing leaves this machine, nothing is said of a provider', async () => {
  await say(suppressionsAdd, 'eve@uni.test');
  expect((await say(suppressionsRemove, 'eve@uni.test')).stdout).toBe('Removed: mail goes there again.\n');
});

test('what is no address is wrong usage', async () => {
  for (const command of [suppressionsAdd, suppressionsRemove]) {
    expect(await run(command, 'nobody')).toMatchObject({ code: 2 });
  }
});

test('removing an address takes it off the provider’s list too', async () => {
  await run(suppressionsAdd, 'dee@uni.test');
  await addMailboxSuppressions(database.db, ['dee@uni.test'], 'bounce');
  expect(await run(suppressionsRemove, 'dee@uni.test')).toMatchObject({ code: 0 });
  const { rows } = await database.pool.query(
    'select 1 from mailbox_suppressions union all select 1 from lifts',
  );
  expect(rows).toEqual([]);
});

test('a file of addresses is suppressed, once, with what is wrong in it by line', async () => {
  const file = join(folder, 'old-list.csv');
  await writeFile(file, 'name,email\nAda,Ada@uni.test\nBo,bo@uni.test\n,nobody\nAda again,ada@uni.test\n');
  expect(await run(suppressionsImport, file, '--reason', 'complaint')).toMatchObject({
    code: 0,
    json: { added: 2, known: 1, rejected: [{ line: 4, reason: '"nobody" is not an address' }] },
  });
  expect(await run(suppressionsImport, file)).toMatchObject({ json: { added: 0, known: 3 } });
  const { json } = await run(suppressionsList);
  expect(json!['suppressions']).toMatchObject(Array(2).fill({ reason: 'complaint', origin: 'import' }));
  expect(await run(suppressionsImport, file, '--reason', 'boredom')).toMatchObject({ code: 2 });
  expect(await run(suppressionsImport, join(folder, 'absent.csv'))).toMatchObject({ code: 1 });
});

test('the provider’s list is compared at once when asked', async () => {
  await addMailboxSuppressions(database.db, ['eve@uni.test'], 'complaint');
  await database.pool.query(`update mailbox_suppressions set created_at = now() - interval '2 hours'`);
  expect(await run(suppressionsSync)).toMatchObject({
    code: 0,
    json: { read: 1, suppressed: 1, lifted: 0, agreed: 0 },
  });
});
