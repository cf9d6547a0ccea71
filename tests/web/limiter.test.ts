import { expect, test } from 'vitest';
import { openLimiter } from '../../src/web/limiter.ts';

function limiterAt(max: number, namesMax?: number) {
  let nowMs = 0;
  const limiter = openLimiter({ max, windowMs: 1000, clock: () => nowMs, ...(namesMax && { namesMax }) });
  return { limiter, pass: (ms: number) => void (nowMs += ms) };
}

test('a name has its tries within the window, and all of them again in the next', () => {
  const { limiter, pass } = limiterAt(2);
  expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([true, true, false]);
  expect(limiter.take('b')).toBe(true);
  pass(999);
  expect(limiter.isFull('a')).toBe(true);
  pass(1);
  expect([limiter.isFull('a'), limiter.take('a')]).toEqual([false, true]);
});

test('looking counts nothing', () => {
  const { limiter } = limiterAt(1);
  for (let n = 0; n < 5; n++) expect(limiter.isFull('a')).toBe(false);
  expect(limiter.take('a')).toBe(true);
});

test('only so many names are remembered, the latest ones', () => {
  const { limiter } = limiterAt(1, 2);
  for (const name of ['a', 'b', 'c']) limiter.take(name);
  expect(['a', 'b', 'c'].map((name) => limiter.isFull(name))).toEqual([false, true, true]);
});
