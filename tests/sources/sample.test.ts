import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

import { sampleSource } from '../../src/sources/sample.ts';

const read = () => sampleSource().read('2026-11-19', new AbortController().signal);

describe('the sample edition', () => {
  test('holds about 40 papers, all of them sound, as the closed list of the day asked for', async () => {
    const { papers, rejected, closed } = await read();
    expect(rejected).toEqual([]);
    expect(closed).toBe(true);
    expect(papers.length).toBeGreaterThanOrEqual(40);
    expect(new Set(papers.map((paper) => paper.key)).size).toBe(papers.length);
    for (const paper of papers) expect(paper.listedOn).toBe('2026-11-19');
  });

  test('gives facts and a summary of our own, never an abstract', async () => {
    for (const paper of (await read()).papers) {
      expect(paper.abstract, paper.key).toBeUndefined();
      expect(paper.summary!.length, paper.key).toBeGreaterThan(100);
      expect(paper.summary!.length, paper.key).toBeLessThan(400);
      expect(paper.authors!.length, paper.key).toBeGreaterThan(0);
      expect(paper.publishedAt, paper.key).toBeInstanceOf(Date);
      // Where there is no network, a picture would be a hole in the page.
      expect(paper.thumbnailUrl, paper.key).toBeUndefined();
    }
  });

  test('is kept one paper a line', () => {
    const path = fileURLToPath(new URL('../../src/sources/sample/edition.jsonl', import.meta.url));
    for (const line of readFileSync(path, 'utf8').trimEnd().split('\n'))
      expect(() => JSON.parse(line)).not.toThrow();
  });
});
