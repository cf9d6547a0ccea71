import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Command } from '../../src/commands/command.ts';
import { suppressionsAdd, suppressionsList, suppressionsRemove } from '../../src/commands/suppressions.ts';
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
beforeEach(() => database.pool.query('truncate suppressions'));

async function run(command: Command, ...args: string[]) {
  const env = {
    DATABASE_URL: database.databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    SUPPRESSION_KEY: suppressionKey.toString('base64'),
    BROADSHEET_DATA_DIR: join(folder, 'data'),
  };
  const { code, stdout, stderr } = await runCommand(command, [...args, '--json'], { cwd: folder, env });
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

test('what is no address is wrong usage', async () => {
  for (const command of [suppressionsAdd, suppressionsRemove]) {
    expect(await run(command, 'nobody')).toMatchObject({ code: 2 });
  }
});
