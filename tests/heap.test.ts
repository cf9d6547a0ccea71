import { getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { keepHeapSmall } from '../src/heap.ts';

const usedMiB = () => getHeapStatistics().used_heap_size / 2 ** 20;

test('the heap is cleaned when it is told to stay small, and nobody is left with the means to', () => {
  let garbage: number[][] = Array.from({ length: 100_000 }, (_, n) => Array<number>(64).fill(n));
  const full = usedMiB();
  garbage = garbage.slice(0, 1);
  keepHeapSmall();
  expect(garbage).toHaveLength(1);
  expect(full - usedMiB()).toBeGreaterThan(30);
  expect(runInNewContext('typeof gc')).toBe('undefined');
});
