import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import { saysWithdrawn } from '../../src/sources/withdrawal.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { recordedData } from '../support/recorded.ts';

describe('a version takes its paper back', () => {
  test.each([
    'Withdrawn',
    'withdrawn pending revision',
    'Paper withdrawn',
    '12 pages; withdrawn',
    'Withdrawn from arXiv by the authors',
    'This paper has been withdrawn by the author due to a crucial error in equation 3',
    'arXiv admin note: This submission has been withdrawn by arXiv administrators due to plagiarism',
    'I am withdrawing this paper',
  ])('when its comment says: %s', (comment) => {
    expect(saysWithdrawn({ comment })).toBe(true);
  });

  test.each([
    'This paper has been withdrawn by the author due to a crucial error in equation 3',
    'This version of the paper is withdrawn',
    'The authors have withdrawn this manuscript. A corrected one will follow.',
    'We withdraw this paper because lemma 2 is wrong.',
    'This work has been temporarily withdrawn.',
    'This paper has been withdrawn from arXiv.',
  ])('when its abstract says: %s', (abstract) => {
    expect(saysWithdrawn({ abstract })).toBe(true);
  });
});

describe('a version takes nothing back', () => {
  test.each([
    'Withdrawn from ICLR 2026',
    'ICLR 2026 withdrawn submission',
    'v1 was withdrawn, this is corrected',
    'Replaces the withdrawn arXiv:2601.00001',
    'This paper was withdrawn from ICML to extend it',
    '12 pages, 3 figures',
  ])('when its comment says: %s', (comment) => {
    expect(saysWithdrawn({ comment })).toBe(false);
  });

  test.each([
    'Electrons are withdrawn from the ring.',
    'We study papers that were withdrawn after review.',
    'Patients were withdrawn from treatment in this paper.',
    'The model predicts which articles will be withdrawn.',
    'After the drug was withdrawn, symptoms came back.',
  ])('when its abstract says: %s', (abstract) => {
    expect(saysWithdrawn({ abstract })).toBe(false);
  });

  test('in a megabyte of near misses, in no time', () => {
    const told = { comment: 'we have '.repeat(200_000), abstract: 'this paper has been '.repeat(60_000) };
    expect(cpuMs(() => expect(saysWithdrawn(told)).toBe(false))).toBeLessThan(10_000);
  });

  test.skipIf(!recordedData)('recorded: in none of 12,665 papers that were not withdrawn', async () => {
    for (const name of ['arxiv-cs-2026-01-17_2026-02-08', 'hf-papers-to-2025-12']) {
      const file = await readFile(join(recordedData!, `eval/${name}.jsonl.gz`));
      for (const line of gunzipSync(file).toString().trimEnd().split('\n')) {
        const { abstract, summary, comment } = JSON.parse(line) as Record<string, string | undefined>;
        expect(saysWithdrawn({ abstract: abstract ?? summary ?? '', comment: comment ?? '' }), line).toBe(
          false,
        );
      }
    }
  });
});
