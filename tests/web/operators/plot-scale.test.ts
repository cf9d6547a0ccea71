import fc from 'fast-check';
import { expect, test } from 'vitest';
import { niceMax, shortNumber, spreadLabels } from '../../../src/web/operators/plot-scale.ts';

test.each([
  [[], 1],
  [[0, 0], 1],
  [[3], 5],
  [[12, 19], 20],
  [[21], 25],
  [[26], 50],
  [[501], 1000],
  [[1_000_000], 1_000_000],
])('the top of %j is %i', (values, top) => {
  expect(niceMax(values)).toBe(top);
});

test('the top is a whole number that holds every value and wastes at most three fifths', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (values) => {
      const top = niceMax(values);
      expect(Number.isInteger(top)).toBe(true);
      expect(top).toBeGreaterThanOrEqual(Math.max(...values));
      expect(top).toBeLessThanOrEqual(Math.max(1, Math.max(...values) * 2.5));
    }),
  );
});

test.each([
  [0, '0'],
  [9999, '9,999'],
  [12_000, '12k'],
  [12_345, '12.3k'],
  [1_000_000, '1m'],
])('%i reads %s', (n, text) => {
  expect(shortNumber(n)).toBe(text);
});

test('labels keep their order, lie apart, and stay above the bottom', () => {
  const places = fc.array(fc.integer({ min: 0, max: 140 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(places, (given) => {
      const moved = spreadLabels(given, 14, 140);
      const order = given
        .map((place, n) => [place, moved[n]!] as const)
        .toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
      const ends = order.map(([, place]) => place);
      expect(Math.max(...ends)).toBeLessThanOrEqual(140);
      const gaps = ends.slice(1).map((place, n) => place - ends[n]!);
      expect(Math.min(14, ...gaps)).toBe(14);
    }),
  );
});
