import { expect, test } from 'vitest';
import { type Course, expectedEnd } from '../../src/domain/expected-end.ts';

const now = new Date('2026-03-20T07:00:00Z');
const course: Course = {
  now,
  pending: 0,
  recent: 0,
  recentS: 300,
  digestsPerSecondMax: 1000,
  lastDueAt: undefined,
  parkedUntil: undefined,
};
const at = (given: Partial<Course>) =>
  expectedEnd({ ...course, ...given })
    ?.toISOString()
    .slice(11, 19);

test.each([
  ['with nothing left there is no end to wait for', {}, undefined],
  ['before the first is accepted, the limit is the pace', { pending: 60_000 }, '07:01:00'],
  ['then the last minutes are', { pending: 60_000, recent: 30_000 }, '07:10:00'],
  [
    'a slot still to come ends it later',
    { pending: 60_000, lastDueAt: new Date('2026-03-20T19:00:00Z') },
    '19:00:00',
  ],
  ['and with nothing on the way it is the end', { lastDueAt: new Date('2026-03-20T19:00:00Z') }, '19:00:00'],
  [
    'parked mail begins when its quota resets',
    { pending: 60_000, parkedUntil: new Date('2026-03-20T09:00:00Z') },
    '09:01:00',
  ],
])('%s', (_, given, end) => {
  expect(at(given)).toBe(end);
});
