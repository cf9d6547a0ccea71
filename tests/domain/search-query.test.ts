import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSearch, isEmptySearch, parseSearch, wordsOf } from '../../src/domain/search-query.ts';

describe('a search', () => {
  test('has words, phrases, names, topics and dates', () => {
    const query = parseSearch(
      'diffusion “world  model” -image author:"Kaiming He" org:Apple category:CS.ro topic:robotics after:2025-11 before:2026',
    );
    expect(query).toEqual({
      terms: [
        { text: 'diffusion', isPhrase: false, isLeftOut: false },
        { text: 'world model', isPhrase: true, isLeftOut: false },
        { text: 'image', isPhrase: false, isLeftOut: true },
      ],
      authors: ['Kaiming He'],
      organizations: ['Apple'],
      categories: ['cs.RO'],
      topics: ['robotics'],
      after: '2025-11-01',
      before: '2026-01-01',
      faults: [],
    });
    expect(wordsOf(query)).toBe('diffusion "world model" -image');
  });

  test('takes a space after a name’s colon for a slip', () => {
    expect(parseSearch('author: Ada').authors).toEqual(['Ada']);
  });

  test('says what is no date, and looks for the rest', () => {
    const query = parseSearch('robots after:yesterday before:2026-02-30 category:cs.XX');
    expect(query.faults).toHaveLength(3);
    expect(wordsOf(query)).toBe('robots');
  });

  test.each(['', '   ', '""', '-', ':::', 'topic:""', '\0'])('%j looks for nothing', (text) => {
    expect(isEmptySearch(parseSearch(text))).toBe(true);
  });

  test('written out and read again is the same, whatever was typed', () => {
    const token = fc.constantFrom(
      'author:',
      'org:',
      'category:',
      'cs.RO',
      'topic:',
      'after:',
      'before:',
      '"',
      '-',
      ' ',
      ':',
      'x',
      'Ada',
      '2026',
      '2026-03',
    );
    const text = fc.oneof(
      fc.array(token, { maxLength: 25 }).map((tokens) => tokens.join('')),
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 80 }),
    );
    fc.assert(
      fc.property(text, (typed) => {
        const query = { ...parseSearch(typed), faults: [] };
        expect(parseSearch(formatSearch(query))).toEqual(query);
      }),
      { numRuns: 2000 },
    );
  });
});
