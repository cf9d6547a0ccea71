import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/cadence.ts';
import { daysOfMonth, daysOfWeek, isDate, monthOf, weekOf } from '../../src/domain/calendar.ts';

const date = fc
  .integer({ min: Date.UTC(1990, 0, 10), max: Date.UTC(2990, 0, 1) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));

describe('weeks and months', () => {
  test.each([
    ['2026-01-01', '2026-W01'],
    ['2027-01-01', '2026-W53'],
    ['2024-12-30', '2025-W01'],
    ['2026-03-20', '2026-W12'],
  ])('%s is in %s', (day, week) => {
    expect(weekOf(day)).toBe(week);
  });

  test('every date is in its week, which has seven days and begins on Monday', () => {
    fc.assert(
      fc.property(date, (day) => {
        const days = daysOfWeek(weekOf(day))!;
        expect(days.from <= day && day <= days.to).toBe(true);
        expect(days.to).toBe(addDays(days.from, 6));
        expect(new Date(`${days.from}T00:00:00Z`).getUTCDay()).toBe(1);
        expect(weekOf(addDays(days.to, 1))).not.toBe(weekOf(day));
      }),
    );
  });

  test('every date is in its month, whose neighbours are other months', () => {
    fc.assert(
      fc.property(date, (day) => {
        const { from, to } = daysOfMonth(monthOf(day))!;
        expect(from <= day && day <= to).toBe(true);
        expect(monthOf(addDays(from, -1))).not.toBe(monthOf(day));
        expect(monthOf(addDays(to, 1))).not.toBe(monthOf(day));
      }),
    );
  });

  test.each(['2026-W00', '2025-W53', '2026-W99', '2026-w12', '2026-13', '0000-01', '2026-3', '', 'x'])(
    '%s is neither',
    (text) => {
      expect([daysOfWeek(text), daysOfMonth(text)]).toEqual([undefined, undefined]);
    },
  );

  test.each(['2026-02-30', '2026-2-3', '1-1-1', '20260320', '1989-01-01'])('%s is no date', (text) => {
    expect(isDate(text)).toBe(false);
  });
});
