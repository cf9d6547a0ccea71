import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnOf, matchAt, placeOf } from '../../src/domain/topic-column.ts';

const anyRow = fc.record({
  paperId: fc.integer({ min: 1, max: 200 }),
  relevance: fc.double({ min: 0, max: 1, noNaN: true }),
  inTitle: fc.boolean(),
  phrase: fc.option(fc.constantFrom('video generation', 'RL', '')),
  score: fc.double({ min: 0, max: 3, noNaN: true }),
});
const anyRows = fc.uniqueArray(anyRow, { selector: ({ paperId }) => paperId, maxLength: 60 });

test('every paper is found where it stands, with all that was said of it; no other is', () => {
  fc.assert(
    fc.property(anyRows, fc.integer({ min: 1, max: 200 }), (rows, other) => {
      const column = columnOf([...rows]);
      for (const { paperId, relevance, inTitle, phrase } of rows) {
        const match = { paperId, relevance, inTitle, phrase: phrase || null };
        expect(matchAt(column, placeOf(column, paperId))).toEqual(match);
      }
      const isThere = rows.some(({ paperId }) => paperId === other);
      expect(placeOf(column, other) >= 0).toBe(isThere);
    }),
  );
});

test('the best come first, and of equals the older paper', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { paperIds, scores } = columnOf([...rows]);
      for (let place = 1; place < paperIds.length; place++) {
        const before = scores[place - 1]! - scores[place]!;
        expect(before > 0 || (before === 0 && paperIds[place - 1]! < paperIds[place]!)).toBe(true);
      }
    }),
  );
});
