import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntegerSet } from '../../src/domain/integer-set.ts';

const integer = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }));

test('it has what a Set has, however much is added, and nothing once it was emptied', () => {
  const ours = new IntegerSet();
  fc.assert(
    fc.property(fc.array(integer, { maxLength: 700 }), fc.array(integer), (added, asked) => {
      ours.clear();
      for (const one of [...added, ...asked]) expect(ours.has(one)).toBe(false);
      const theirs = new Set(added);
      for (const one of added) ours.add(one);
      for (const one of [...added, ...asked]) expect(ours.has(one)).toBe(theirs.has(one));
    }),
  );
});
