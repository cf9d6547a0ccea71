import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { compareNames, formatAuthorName, parseAuthorName } from '../../src/domain/author-name.ts';

const compare = (wanted: string, found: string) =>
  compareNames(parseAuthorName(wanted)!, parseAuthorName(found)!);

describe('two spellings of a name are one person', () => {
  test.each([
    ['Yann LeCun', 'LeCun, Yann'],
    ['Yann LeCun', 'Yann Le Cun'],
    ['Yann LeCun', 'Yann A. LeCun'],
    ['yann lecun', 'YANN LECUN'],
    ['José García', 'Jose Garcia'],
    ['Jürgen Schmidhuber', 'Juergen Schmidhuber'],
    ['Bernhard Schölkopf', 'Bernhard Scholkopf'],
    ['Łukasz Kaiser', 'Lukasz Kaiser'],
    ['Michael I. Jordan', 'Michael Jordan'],
    ['Jean-Baptiste Alayrac', 'Jean Baptiste Alayrac'],
    ['Weiming Dong', 'Wei-Ming Dong'],
    ['Wei Wang', 'Wei Wang'],
    ['David Smith', 'David A. Smith'],
    ['Martin L. King', 'Martin L. King Jr.'],
    ["Brendan O'Connor", 'Brendan O’Connor'],
    ['王伟', '王伟'],
  ])('%s and %s', (wanted, found) => expect(compare(wanted, found)).toBe('whole'));

  test.each([
    ['Yann LeCun', 'Y. LeCun'],
    ['Yann LeCun', 'LeCun Y'],
    ['Y. LeCun', 'Yann LeCun'],
    ['Jean-Baptiste Alayrac', 'J.-B. Alayrac'],
    ['Laurens van der Maaten', 'L. van der Maaten'],
    ['Bernhard Schölkopf', 'B. Schoelkopf'],
  ])('as far as initials say: %s and %s', (wanted, found) => expect(compare(wanted, found)).toBe('initials'));
});

describe('another name is another person', () => {
  test.each([
    ['Yann LeCun', 'Yves LeCun'],
    ['Yann LeCun', 'LeCun'],
    ['Yann LeCun', 'Yann Le'],
    ['Michael I. Jordan', 'Michael B. Jordan'],
    // Hundreds of people share these family names: an initial, or half a given name, says nothing.
    ['Wei Wang', 'W. Wang'],
    ['W. Wang', 'Wei Wang'],
    ['Wei Wang', 'Wei-Ming Wang'],
    ['Kaiming He', 'K. He'],
    ['Jürgen Müller', 'Jürgen Möller'],
  ])('%s and %s', (wanted, found) => expect(compare(wanted, found)).toBeUndefined());
});

test('whatever a name is, taking it apart ends, and its parts make the same name again', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('van', 'J.', 'Jr.', ',', 'Müller', '李', 'O’Neil', 'ﬁ', 'İ', '-', 'de la'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      const name = parseAuthorName(words.join(' '));
      fc.pre(name !== undefined && name.given.length > 0);
      expect(compareNames(name!, name!)).toBe('whole');
      expect(parseAuthorName(formatAuthorName(name!))).toEqual(name);
    }),
    { numRuns: 2000 },
  );
});
