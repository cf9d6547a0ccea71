import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { titleCharactersMax } from '../../src/domain/paper.ts';
import { readPaperFile } from '../../src/sources/file.ts';
import { parsePaperLine } from '../../src/sources/paper-line.ts';
import { SourceError } from '../../src/sources/source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

const names = [
  'id',
  'key',
  'title',
  'abstract',
  'summary',
  'authors',
  'categories',
  'organization',
  'published_at',
  'listed_on',
  'upvotes',
  'url',
  'pdf_url',
  'thumbnail_url',
  '__proto__',
];
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '2607.00001v2',
    'url:x',
    'https://evil.example/?a=<b>',
    'javascript:alert(1)',
    '2026-02-30',
  ),
);

test('any object is a paper of clean facts and https links, or has a fault', () => {
  const line = fc.dictionary(fc.constantFrom(...names), value);
  let papers = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 5, arbitrary: line }, value), (given) => {
      const paper = parsePaperLine(given, '2026-07-01');
      if ('fault' in paper) return paper.fault !== '';
      papers += 1;
      const links = [paper.url, paper.pdfUrl, paper.codeUrl, paper.thumbnailUrl];
      return (
        paper.title.length > 0 &&
        paper.title.length <= titleCharactersMax &&
        /^\d{4}-\d{2}-\d{2}$/.test(paper.listedOn) &&
        links.every((link) => link === undefined || link.startsWith('https://')) &&
        (paper.votes ?? 0) >= 0
      );
    }),
    { numRuns: 3000 },
  );
  expect(papers).toBeGreaterThan(20);
});

test('any file is a list of papers, or refused with a reason', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        '{"id":"2607.00001","title":"A"}\n',
        '[',
        ']',
        '{"paper":',
        '<rss><channel>',
        '<OAI-PMH><ListRecords><record>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        '<!DOCTYPE x [<!ENTITY a "aaaa">]>',
        '&a;',
        '\uFEFF',
        '\n',
      )
      .map((text) => Buffer.from(text)),
  );
  const path = join(folder, 'file');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      await writeFile(path, Buffer.concat(pieces));
      const reading = await readPaperFile(path, { today: '2026-11-20' }).catch((error: unknown) => error);
      const isList = 'papers' in (reading as object) && 'rejected' in (reading as object);
      expect({ reading, isFine: isList || reading instanceof SourceError }).toMatchObject({ isFine: true });
    }),
    { numRuns: 250 },
  );
});
