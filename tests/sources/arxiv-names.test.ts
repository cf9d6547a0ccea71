import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { listAuthors, splitAuthors } from '../../src/sources/arxiv-names.ts';
import { cpuMs } from '../support/cpu-time.ts';

const names = (text: string, style?: 'list' | 'prose'): string[] =>
  listAuthors(splitAuthors(text, style)).authors;

describe('one string of authors', () => {
  test.each<[string, string[]]>([
    ['Michael Cooper, Samuel Cooper', ['Michael Cooper', 'Samuel Cooper']],
    // A name without forenames comes with two spaces.
    [
      'Anamta Khan, Ratna Kandala,  Deepti, Sheza Munir',
      ['Anamta Khan', 'Ratna Kandala', 'Deepti', 'Sheza Munir'],
    ],
    ["Paulo Andr\\'e Lima de Castro, M\\'elodie Roy", ['Paulo André Lima de Castro', 'Mélodie Roy']],
    [
      'Quanyi Ou (Minzu University of China, Beijing, China), Lei Li (ETH Zurich (D-INFK, Zurich)), Ada Lovelace',
      ['Quanyi Ou', 'Lei Li', 'Ada Lovelace'],
    ],
    ['A. One (1), B. Two (1 and 2) ((1) Univ. X, Y, (2) Z)', ['A. One', 'B. Two']],
    [
      'Sammy Davis, Jr., Robert Downey, Jr, Loudon Wainwright, III',
      ['Sammy Davis Jr.', 'Robert Downey Jr', 'Loudon Wainwright III'],
    ],
    ['{\\"O}. {van der Berg, senior}, K. G{\\"o}del', ['Ö. {van der Berg, senior}', 'K. Gödel']],
    ['The ATLAS Collaboration, :, G. Aad', ['The ATLAS Collaboration', 'G. Aad']],
    ['Centre for Space and Time, A. B.', ['Centre for Space and Time', 'A. B.']],
    // A bracket that never closes must not swallow the others.
    ['A. One (Univ, B. Two, C. Three', ['A. One (Univ', 'B. Two', 'C. Three']],
    ['A. One), B. Two', ['A. One)', 'B. Two']],
    ['{A. One, B. Two', ['{A. One', 'B. Two']],
    ['', []],
    [' , ,, ', []],
  ])('%s', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    [
      'Joshua Berger, Maxim Perelstein and Philip Tanedo',
      ['Joshua Berger', 'Maxim Perelstein', 'Philip Tanedo'],
    ],
    ['D.V. Shetty, S.J. Yennello, and G.A. Souliotis', ['D.V. Shetty', 'S.J. Yennello', 'G.A. Souliotis']],
    ["Ada and \\'Emile", ['Ada', 'Émile']],
    ['Sand Anders, Roland and', ['Sand Anders', 'Roland and']],
  ])('in prose: %s', (text, expected) => {
    expect(names(text, 'prose')).toEqual(expected);
  });

  test('counts all and names at most a hundred', () => {
    const many = Array.from({ length: 573 }, (_, n) => `Author ${n}`).join(', ');
    const { authors, authorsCount } = listAuthors(splitAuthors(many));
    expect([authors.length, authorsCount]).toEqual([100, 573]);
  });

  test('never throws, never gives an empty name, and loses no name that has neither brackets nor braces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (text, isProse) => {
        for (const name of splitAuthors(text, isProse ? 'prose' : 'list')) expect(name.trim()).toBe(name);
        for (const name of names(text)) expect(name).toMatch(/[\p{L}\p{N}]/u);
      }),
    );
    const name = fc.stringMatching(/^[A-Z][a-z]{1,8} [A-Z][a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 30 }), (list) => {
        expect(names(list.join(', '))).toEqual(list);
      }),
    );
  });

  test('takes no longer for hostile text', { timeout: 60_000 }, () => {
    const takesMs = cpuMs(() => {
      for (const text of ['(', ')', '{', '}', '\\', ',', '(,', '{,', 'a and ', '()'])
        splitAuthors(text.repeat(100_000), 'prose');
    });
    expect(takesMs).toBeLessThan(30_000);
  });
});
