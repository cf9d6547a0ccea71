import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { initCommand } from '../../src/commands/init.ts';
import { composeEnvFile, freshSecrets } from '../../src/env-file.ts';
import { keepSecrets } from '../../src/secrets.ts';
import { runCommand } from '../support/command.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'broadsheet-init-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = async () => parseEnv(await readFile(join(folder, '.env'), 'utf8'));
const complete = [
  ['--database-url', 'postgres://b:secret@db.example:5432/broadsheet'],
  ['--redis-url', 'rediss://queues.example:6380'],
  ['--resend-api-key', 're_123'],
  ['--resend-webhook-secret', `whsec_${Buffer.alloc(24, 1).toString('base64')}`],
  ['--from', 'The "Broad" Sheet <digest@mail.example.org>'],
  ['--postal-address', "Broadsheet, 1 Queen's Road # 3"],
  ['--public-url', 'https://papers.example.org'],
] as const;

test('answers as options make a complete .env that only its owner can read', async () => {
  const wanted = complete.map(([option, value]) => [option, value.replaceAll('"', '')]).flat();
  const { code, stdout, stderr } = await runCommand(initCommand, ['--yes', '--json', ...wanted], {
    cwd: folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ missing: [] });
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
  const config = loadConfig(await read());
  expect(config).toMatchObject({
    transport: 'resend',
    redisUrl: 'rediss://queues.example:6380',
    publicUrl: 'https://papers.example.org',
  });
  expect(config.mail).toMatchObject({
    from: 'The Broad Sheet <digest@mail.example.org>',
    postalAddress: "Broadsheet, 1 Queen's Road # 3",
  });
  expect(config.keys[0].secret).toHaveLength(32);
  expect(config.suppressionKey).toHaveLength(32);
});

test('an existing .env is left alone, unless it is said twice; then every secret is new', async () => {
  await writeFile(join(folder, '.env'), 'OPERATOR_PASSWORD=mine\n');
  const refused = await runCommand(initCommand, ['--yes'], { cwd: folder });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('--force');
  expect(await read()).toEqual({ OPERATOR_PASSWORD: 'mine' });
  expect((await runCommand(initCommand, ['--yes', '--force'], { cwd: folder })).code).toBe(0);
  const first = await read();
  expect(first['OPERATOR_PASSWORD']).not.toBe('mine');
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
});

test('after a trial on this machine its keys go on, so that mailed links and suppressions stay', async () => {
  const kept = keepSecrets(join(folder, 'data'));
  expect((await runCommand(initCommand, ['--yes'], { cwd: folder })).code).toBe(0);
  const written = await read();
  expect(written['SUPPRESSION_KEY']).toBe(kept.suppressionKey.toString('base64'));
  expect(written['SECRET_KEYS']).toBe(`a1:${kept.keys[0].secret.toString('base64')}`);
  expect(written['OPERATOR_PASSWORD']).toBe(kept.operatorPassword);
});

test('what is still missing is said, and what to do next', async () => {
  const { code, stdout } = await runCommand(initCommand, ['--yes', '--resend-api-key', 're_1'], {
    cwd: folder,
  });
  expect(code).toBe(0);
  for (const name of ['MAIL_FROM', 'MAIL_POSTAL_ADDRESS', 'PUBLIC_URL', 'RESEND_WEBHOOK_SECRET']) {
    expect(stdout).toContain(`Still to do: ${name}`);
  }
  expect(stdout).toContain('broadsheet doctor');
});

test('a wrong answer is wrong usage, and writes nothing', async () => {
  const { code, stderr } = await runCommand(initCommand, ['--yes', '--public-url', 'papers'], {
    cwd: folder,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('PUBLIC_URL must be');
  await expect(read()).rejects.toThrow('ENOENT');
});

test('with nobody to ask and no --yes it says how to go on', async () => {
  const { code, stderr } = await runCommand(initCommand, [], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain('--yes');
});

test('fresh secrets are never the same twice', () => {
  const made = Array.from({ length: 20 }, () => Object.values(freshSecrets())).flat();
  expect(new Set(made).size).toBe(60);
});

test('whatever a value looks like, it is read back as it was, or refused', () => {
  const character = fc.oneof(
    fc.constantFrom(...`'"$\\\` #=`),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  );
  const line = fc
    .string({ unit: character, minLength: 1, maxLength: 40 })
    .filter((text) => /^\P{Cc}+$/u.test(text) && text.trim() === text);
  const readBack = (value: string) => {
    try {
      return parseEnv(composeEnvFile({ MAIL_POSTAL_ADDRESS: value }))['MAIL_POSTAL_ADDRESS'];
    } catch {
      return 'refused';
    }
  };
  fc.assert(
    fc.property(line, (value) => {
      const read = readBack(value);
      return read === value || (read === 'refused' && value.includes("'"));
    }),
  );
});

test('Compose gets a password for its Postgres, where there is no other', async () => {
  await runCommand(initCommand, ['--yes'], { cwd: folder });
  expect((await read())['POSTGRES_PASSWORD']).toMatch(/^[0-9a-f]{32,}$/);
  const url = 'postgres://b@db.example:5432/broadsheet';
  await runCommand(initCommand, ['--yes', '--force', '--database-url', url], { cwd: folder });
  expect(await read()).toMatchObject({ DATABASE_URL: url, MAIL_TRANSPORT: 'mailbox' });
  expect((await read())['POSTGRES_PASSWORD']).toBeUndefined();
});
