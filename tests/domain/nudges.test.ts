import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nudgesFor } from '../../src/domain/nudges.ts';

test('five batches share a job where the line is quick', () => {
  expect(nudgesFor([1, 2, 3, 4, 5, 6], 1000)).toEqual([{ batchId: 1, others: [2, 3, 4, 5] }, { batchId: 6 }]);
});

test('in a slow line a job has no more than leave in a quarter of a second, and at least one', () => {
  expect(nudgesFor([1, 2, 3], 2)).toEqual([{ batchId: 1 }, { batchId: 2 }, { batchId: 3 }]);
  expect(nudgesFor([1, 2, 3], 10)).toEqual([{ batchId: 1, others: [2] }, { batchId: 3 }]);
});

test('whatever the line, each batch is nudged once, in order', () => {
  const lines = fc.double({ min: 0.01, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), lines, (batchIds, perSecond) => {
      const nudges = nudgesFor(batchIds, perSecond);
      expect(nudges.flatMap(({ batchId, others = [] }) => [batchId, ...others])).toEqual(batchIds);
      for (const { others = [] } of nudges) expect(others.length + 1).toBeLessThanOrEqual(5);
    }),
  );
});
