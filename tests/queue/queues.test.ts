import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobIdOf, priorityOf, queueNames } from '../../src/queue/queues.ts';

test('a job about a row has the row’s id, so that two nudges are one job', () => {
  expect(jobIdOf('compose', { rangeId: 7 })).toBe('range-7');
  expect(jobIdOf('deliver', { batchId: 7 })).toBe('batch-7');
  expect(jobIdOf('deliver', { batchId: 7, others: [8, 9] })).toBe('batch-7');
  expect(jobIdOf('deliver', { noticeId: 7 })).toBe('notice-7');
  expect(jobIdOf('track', {})).toBe('track-inbox');
});

test('jobs that carry a moment or a source are never taken for one another', () => {
  expect(jobIdOf('plan', {})).toBeUndefined();
  expect(jobIdOf('plan', { at: '2026-03-20T06:00:00Z' })).toBeUndefined();
  expect(jobIdOf('sweep', {})).toBeUndefined();
  expect(jobIdOf('ingest', { source: 'huggingface', day: '2026-03-20' })).toBeUndefined();
});

test('ids are what BullMQ takes: no colon, no bare number, and different for different rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (id) => {
      const ids = [
        jobIdOf('compose', { rangeId: id }),
        jobIdOf('deliver', { batchId: id }),
        jobIdOf('deliver', { noticeId: id }),
      ];
      for (const one of ids) expect(one).toMatch(/^[a-z]+-\d+$/);
      expect(new Set(ids).size).toBe(3);
    }),
  );
});

test('notices overtake digests: 0 is BullMQ’s first', () => {
  expect(priorityOf('deliver', { noticeId: 1 })).toBe(0);
  expect(priorityOf('deliver', { batchId: 1 })).toBeGreaterThan(0);
  const others = queueNames.filter((name) => name !== 'deliver');
  expect(others.map((name) => priorityOf(name, {} as never))).toEqual([0, 0, 0, 0, 0]);
});
