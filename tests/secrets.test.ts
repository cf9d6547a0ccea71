import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepSecrets, passwordWasShown } from '../src/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'broadsheet-secrets-')), 'data');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

test('the file is for its owner only, and nothing else is left in the folder', () => {
  keepSecrets(folder);
  expect(readdirSync(folder)).toEqual(['secrets.json']);
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o066).toBe(0);
});

test('a folder that is there keeps its mode', () => {
  mkdirSync(folder, { mode: 0o755 });
  keepSecrets(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o755);
});

test('the second reads what the first made, and knows where it stands', () => {
  expect(keepSecrets(folder)).toEqual(keepSecrets(folder));
  expect(keepSecrets(folder).file).toBe(join(folder, 'secrets.json'));
});

test('the password is new until somebody has seen it', () => {
  expect(keepSecrets(folder).operatorPasswordIsNew).toBe(true);
  expect(keepSecrets(folder).operatorPasswordIsNew).toBe(true);
  passwordWasShown(folder);
  expect(keepSecrets(folder).operatorPasswordIsNew).toBe(false);
});

test.each(['', '{"keys":', '{}', '{"keys":[]}'])('a damaged file (%s) is never replaced', (content) => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'secrets.json'), content);
  expect(() => keepSecrets(folder)).toThrow('is damaged');
  expect(readdirSync(folder)).toEqual(['secrets.json']);
});
