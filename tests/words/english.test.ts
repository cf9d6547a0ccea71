import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const folder = (path: string) => new URL(`../../${path}/`, import.meta.url);

const notForReaders = new Set(['dev-mails.tsx', 'report.tsx', 'announcement.mjml']);

/** Files whose words readers see, by folder: pages but for operators' and the developer's, templates, and what fills them. */
async function readersFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const path of ['src/web', 'emails', 'src/render']) {
    for (const name of await readdir(folder(path)))
      if (/\.(tsx|mjml)$/.test(name) && !notForReaders.has(name)) found.push(`${path}/${name}`);
  }
  return found;
}

test('no page and no mail has words of its own: a language is one file', async () => {
  const stray: string[] = [];
  const noWord = 'UTC';
  for (const file of await readersFiles()) {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    const markup = text
      .replaceAll(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|<mj-style>[\s\S]*?<\/mj-style>|\/\/.*$/gm, '')
      .replaceAll(/\{[^{}]*\}/g, '{}')
      .replaceAll(/=>/g, '');
    // Between tags, or in an attribute that is read out: words of three letters and more.
    for (const found of markup.matchAll(
      />\s*([^<>{}]*[A-Za-z]{3}[^<>{};=()]*)<\/|(?:alt|title|label|aria-label|placeholder)="([^"]*[A-Za-z]{3}[^"]*)"/g,
    ))
      if (found[1]?.trim() !== noWord) stray.push(`${file}: ${(found[1] ?? found[2])!.trim()}`);
  }
  expect(stray).toEqual([]);
});
