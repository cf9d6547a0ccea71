import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOutput } from '../../src/commands/output-file.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'broadsheet-output-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what was asked for is written over what was there', async () => {
  const path = join(folder, 'mail.html');
  await writeOutput(path, 'once');
  await writeOutput(path, 'twice');
  expect(await readFile(path, 'utf8')).toBe('twice');
});

test.each([
  ['away/mail.html', 'its folder does not exist.'],
  ['.', 'it is a directory; name a file in it.'],
])('a file that cannot be written, as %s, is answered with a sentence', async (name, why) => {
  const path = join(folder, name);
  await expect(writeOutput(path, 'never')).rejects.toMatchObject({
    name: 'Failed',
    message: `${path} could not be written: ${why}`,
  });
});
