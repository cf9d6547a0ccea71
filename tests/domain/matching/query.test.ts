import { describe, expect, test } from 'vitest';
import { leftOutOf, neededStems, parseQuery } from '../../../src/domain/matching/query.ts';

describe('a query', () => {
  test('says which stems it cannot do without, and what it leaves out', () => {
    expect(neededStems(parseQuery("'a' <-> 'b' & 'c' & !'d'")!)).toEqual(['a', 'b', 'c']);
    expect(neededStems(parseQuery("'a' | 'b'")!)).toEqual([]);
    expect(leftOutOf(parseQuery("'a' & !'d'")!)).toEqual([parseQuery("'d'")]);
  });

  test('that is empty is none, and what is no query is refused', () => {
    expect(parseQuery('')).toBeUndefined();
    for (const text of ["'a' &", '& !', "( 'a'"]) expect(() => parseQuery(text)).toThrow('No tsquery');
  });
});
