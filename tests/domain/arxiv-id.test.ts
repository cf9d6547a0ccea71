import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseArxivId } from '../../src/domain/arxiv-id.ts';

describe('an arXiv identifier', () => {
  test.each([
    ['2511.20462', { id: '2511.20462' }],
    ['2511.20462v2', { id: '2511.20462', version: 2 }],
    ['0704.0001', { id: '0704.0001' }],
    ['arXiv:2511.20462v12', { id: '2511.20462', version: 12 }],
    ['http://arxiv.org/abs/2511.20462v1', { id: '2511.20462', version: 1 }],
    ['https://www.arxiv.org/pdf/2511.20462.pdf', { id: '2511.20462' }],
    ['hep-th/9901001', { id: 'hep-th/9901001' }],
    ['math.GT/0309136v2', { id: 'math/0309136', version: 2 }],
    ['cs/0112017', { id: 'cs/0112017' }],
    [' 2511.20462\n', { id: '2511.20462' }],
  ])('%j is read without its dress', (text, id) => {
    expect(parseArxivId(text)).toEqual(id);
  });

  test.each([
    '',
    '2513.00001',
    '2511.204',
    '2511.204621',
    '2511.20462v0',
    'x2511.20462',
    '10.1000/xyz',
    'hep-th/990100',
    '../2511.20462',
    '2511.20462/..',
  ])('%j is none', (text) => {
    expect(parseArxivId(text)).toBeUndefined();
  });

  test('read again is itself', () => {
    const number = fc.stringMatching(/^\d{2}(0[1-9]|1[0-2])\.\d{4,5}$/);
    const old = fc.stringMatching(/^(hep-th|cs|math|astro-ph)\/\d{2}(0[1-9]|1[0-2])\d{3}$/);
    fc.assert(
      fc.property(fc.oneof(number, old, fc.string()), (text) => {
        const first = parseArxivId(text);
        expect(first && parseArxivId(first.id)).toEqual(first && { id: first.id });
      }),
    );
  });
});
