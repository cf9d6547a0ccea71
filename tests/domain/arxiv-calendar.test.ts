import { describe, expect, test } from 'vitest';

import { announcementOn, feedDayAt, feedReadyAt, receivedFor } from '../../src/domain/arxiv-calendar.ts';

describe("arXiv's calendar", () => {
  test.each([
    ['2026-09-24', 'list'],
    ['2026-09-26', 'weekend'],
    ['2026-09-27', 'weekend'],
    // Labor Day is a Monday; the feed without its announcement is Tuesday's.
    ['2026-09-07', 'holiday'],
    ['2026-09-08', 'holiday'],
    ['2026-09-09', 'list'],
    ['2026-11-26', 'holiday'],
    ['2026-11-27', 'holiday'],
    // The day before the holiday of a Friday is as usual, and so is the Monday after.
    ['2026-06-18', 'list'],
    ['2026-06-19', 'holiday'],
    ['2026-06-22', 'list'],
    ['2026-12-30', 'holiday'],
    ['2027-01-01', 'holiday'],
  ])('%s: %s', (day, expected) => {
    expect(announcementOn(day)).toBe(expected);
  });

  test("the feed's day changes at New York's midnight", () => {
    expect(feedDayAt(new Date('2026-09-24T03:59:00Z'))).toBe('2026-09-23');
    expect(feedDayAt(new Date('2026-09-24T04:00:00Z'))).toBe('2026-09-24');
    expect(feedDayAt(new Date('2026-12-10T04:59:00Z'))).toBe('2026-12-09');
    expect(feedDayAt(new Date('2026-12-10T05:00:00Z'))).toBe('2026-12-10');
  });

  test('it is ready at 05:30 UTC in summer and at 06:00 in winter, also about the changes of the clock', () => {
    const times = ['2026-07-01', '2026-12-10', '2026-03-06', '2026-03-09', '2026-10-30', '2026-11-02'];
    expect(times.map((day) => feedReadyAt(day).toISOString().slice(11, 16))).toEqual([
      '05:30',
      '06:00',
      '06:00',
      '05:30',
      '05:30',
      '06:00',
    ]);
  });

  test.each([
    // Summer: 14:00 in New York is 18:00 UTC. Tuesday's list has the weekend's papers.
    ['2026-09-23', '2026-09-21T18:00', '2026-09-22T18:00'],
    ['2026-09-22', '2026-09-18T18:00', '2026-09-21T18:00'],
    ['2026-09-21', '2026-09-17T18:00', '2026-09-18T18:00'],
    ['2026-12-10', '2026-12-08T19:00', '2026-12-09T19:00'],
    // The clock changed on Sunday, 1 November.
    ['2026-11-03', '2026-10-30T18:00', '2026-11-02T19:00'],
    // After Labor Day, of which it is not sure whose list was left out.
    ['2026-09-09', '2026-09-03T18:00', '2026-09-08T18:00'],
  ])('the papers of the list of %s were received from %s to %s UTC', (day, from, until) => {
    const received = receivedFor(day);
    expect([received.from, received.until].map((at) => at.toISOString().slice(0, 16))).toEqual([from, until]);
  });
});
