import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  daysBetween,
  digestDistanceMs,
  everyDay,
  isTimeZone,
  localDateAt,
  localHourAt,
  nextAfterChange,
  nextClockChange,
  nextOccurrence,
  type Slot,
  spelledTimeZone,
} from '../../src/domain/cadence.ts';
import { clockOf, clockSpan, dueMoment } from '../support/wall-clock.ts';

const aliases = ['UTC', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+5', 'GB', 'Asia/Katmandu'];
const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), ...aliases])];

const anyZone = fc.constantFrom(...zones);
const anyMoment = fc.date({
  min: new Date(clockSpan.from + 3 * 86_400_000),
  max: new Date(clockSpan.to - 70 * 86_400_000),
  noInvalidDate: true,
});
const anySlot: fc.Arbitrary<Slot> = fc.record({
  timeZone: anyZone,
  sendHour: fc.integer({ min: 0, max: 23 }),
  weekdays: fc.integer({ min: 1, max: 127 }),
});

const isDue = (slot: Slot, date: string) =>
  ((slot.weekdays >> ((new Date(date).getUTCDay() + 6) % 7)) & 1) === 1;

/** The definition, written naively: the first due date later than `afterDate` whose moment is not before `from`. */
function naiveNext(slot: Slot, from: number, afterDate = '0000-00-00') {
  let date = new Date(from - 3 * 86_400_000).toISOString().slice(0, 10);
  for (; ; date = addDays(date, 1)) {
    if (date <= afterDate || !isDue(slot, date)) continue;
    const at = dueMoment(slot, date);
    if (at !== undefined && at >= from) return { at: new Date(at), localDate: date };
  }
}

describe('an hour that a clock change touches', () => {
  test.each([
    ['Nuuk skips the last hour of a Saturday', 'America/Nuuk', 23, '2026-03-28', '2026-03-29T01:00:00Z'],
    ['Lord Howe skips half an hour', 'Australia/Lord_Howe', 2, '2026-10-04', '2026-10-03T15:30:00Z'],
    ['Cairo skips the first hour of a day', 'Africa/Cairo', 0, '2026-04-24', '2026-04-23T22:00:00Z'],
    ['New York skips two o’clock', 'America/New_York', 2, '2026-03-08', '2026-03-08T07:00:00Z'],
    ['the hour after a gap is its own', 'America/New_York', 3, '2026-03-08', '2026-03-08T07:00:00Z'],
    ['New York repeats one o’clock', 'America/New_York', 1, '2026-11-01', '2026-11-01T05:00:00Z'],
    ['Cairo repeats the last hour of a day', 'Africa/Cairo', 23, '2026-10-29', '2026-10-29T20:00:00Z'],
    ['Lord Howe repeats half an hour', 'Australia/Lord_Howe', 1, '2026-04-05', '2026-04-04T14:00:00Z'],
    ['London repeats one o’clock', 'Europe/London', 1, '2026-10-25', '2026-10-25T00:00:00Z'],
  ])('%s: sent once, at the first valid minute', (_, timeZone, sendHour, localDate, at) => {
    const slot = { timeZone, sendHour, weekdays: everyDay };
    const before = new Date(Date.parse(at) - 1);
    expect(nextOccurrence(slot, before)).toEqual({ at: new Date(at), localDate });
    expect(nextOccurrence(slot, new Date(Date.parse(at) + 1)).localDate).toBe(addDays(localDate, 1));
  });

  test('a date that a zone skipped whole has no digest, whatever the hour', () => {
    for (let sendHour = 0; sendHour < 24; sendHour++) {
      const slot = { timeZone: 'Pacific/Apia', sendHour, weekdays: everyDay };
      const last = nextOccurrence(slot, new Date('2011-12-28T00:00:00Z'), '2011-12-28');
      expect(last.localDate).toBe('2011-12-29');
      expect(nextOccurrence(slot, last.at, last.localDate).localDate).toBe('2011-12-31');
    }
  });
});

test('in every zone, around every clock change of two years, each hour it could touch is sent when the wall clock says so', () => {
  let changes = 0;
  const wrong: string[] = [];
  for (const timeZone of zones) {
    const starts = clockOf(timeZone).map(({ start }) => start);
    changes += starts.length - 1;
    const around = starts.slice(1).length > 0 ? starts.slice(1) : [Date.UTC(2026, 6, 1)];
    for (const change of around) {
      for (const day of [-1, 0, 1]) {
        const date = addDays(new Date(change).toISOString().slice(0, 10), day);
        for (const sendHour of [0, 1, 2, 3, 4, 12, 21, 22, 23]) {
          const slot = { timeZone, sendHour, weekdays: everyDay };
          const at = dueMoment(slot, date)!;
          const found = nextOccurrence(slot, new Date(at), addDays(date, -1));
          const isRight = found.at.getTime() === at && found.localDate === date;
          if (!isRight) wrong.push(`${timeZone} ${date} ${sendHour}: ${found.at.toISOString()}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(zones.length).toBeGreaterThan(400);
  expect(changes).toBeGreaterThan(500);
});

test('the next occurrence is the first due date whose moment is not before', () => {
  fc.assert(
    fc.property(anySlot, anyMoment, (slot, from) => {
      expect(nextOccurrence(slot, from)).toEqual(naiveNext(slot, from.getTime()));
    }),
    { numRuns: 1500 },
  );
});

test('a slot followed over two weeks comes once on every due date, in order, at least twelve hours apart', () => {
  fc.assert(
    fc.property(anySlot, anyMoment, (slot, from) => {
      let here = nextOccurrence(slot, from);
      for (let step = 0; step < 14; step++) {
        const next = nextOccurrence(slot, here.at, here.localDate);
        expect(next.at.getTime() - here.at.getTime()).toBeGreaterThanOrEqual(12 * 3_600_000);
        expect(isDue(slot, next.localDate)).toBe(true);
        for (let day = addDays(here.localDate, 1); day < next.localDate; day = addDays(day, 1)) {
          expect(isDue(slot, day)).toBe(false);
        }
        here = next;
      }
    }),
    { numRuns: 300 },
  );
});

test('asking again from an occurrence gives that occurrence, and past its date the one after', () => {
  fc.assert(
    fc.property(anySlot, anyMoment, (slot, from) => {
      const first = nextOccurrence(slot, from);
      expect(nextOccurrence(slot, first.at)).toEqual(first);
      const second = nextOccurrence(slot, new Date(first.at.getTime() + 1));
      expect(nextOccurrence(slot, first.at, first.localDate)).toEqual(second);
    }),
    { numRuns: 300 },
  );
});

test('after a digest and any change of slot: a later date, twelve hours on, and the first such (RULES 5)', () => {
  fc.assert(
    fc.property(anySlot, anySlot, anyMoment, fc.nat({ max: 5 * 86_400_000 }), (old, slot, from, laterMs) => {
      const last = nextOccurrence(old, from);
      const now = new Date(last.at.getTime() + laterMs);
      const next = nextAfterChange(slot, now, last);
      expect(next.localDate > last.localDate).toBe(true);
      expect(next.at.getTime() - last.at.getTime()).toBeGreaterThanOrEqual(digestDistanceMs);
      const earliest = Math.max(now.getTime(), last.at.getTime() + digestDistanceMs);
      expect(next).toEqual(naiveNext(slot, earliest, last.localDate));
    }),
    { numRuns: 1000 },
  );
});

test('a newcomer starts with the first occurrence from now', () => {
  const slot = { timeZone: 'Asia/Tokyo', sendHour: 7, weekdays: everyDay };
  expect(nextAfterChange(slot, new Date('2026-03-20T06:00:00Z'), undefined)).toEqual({
    at: new Date('2026-03-20T22:00:00Z'),
    localDate: '2026-03-21',
  });
});

test('a slot without a weekday is a sentence, not an endless search', () => {
  const slot = { timeZone: 'UTC', sendHour: 7, weekdays: 0 };
  expect(() => nextOccurrence(slot, new Date('2026-03-20T06:00:00Z'))).toThrow('it has no weekday');
});

test('local date and hour are those of a clock on the wall there', () => {
  fc.assert(
    fc.property(anyZone, anyMoment, (zone, at) => {
      const wall = new Intl.DateTimeFormat('sv', {
        timeZone: zone,
        dateStyle: 'short',
        timeStyle: 'short',
      }).format(at);
      expect(localDateAt(zone, at)).toBe(wall.slice(0, 10));
      expect(localHourAt(zone, at)).toBe(Number(wall.slice(11, 13)));
    }),
    { numRuns: 300 },
  );
});

test('days are counted on the calendar, over months and leap years', () => {
  expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  expect(daysBetween('2028-02-01', '2028-03-01')).toBe(29);
});

test.each([
  ['europe/paris', 'Europe/Paris'],
  ['AMERICA/PORT-AU-PRINCE', 'America/Port-au-Prince'],
  ['utc', 'UTC'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
])('%s is spelled %s', (name, spelled) => {
  expect(isTimeZone(name)).toBe(true);
  expect(spelledTimeZone(name)).toBe(spelled);
});

test.each([
  ['Europe/Paris', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Etc/GMT-14', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['', false],
  ['+05:30', false],
  ['2026-01-01T00:00Z[Europe/Paris]', false],
  ['Europe/Paris\n', false],
  ['x'.repeat(10_000), false],
  ['../../etc/passwd', false],
])('isTimeZone(%j) is %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});

describe('the next change of the clocks', () => {
  const slot = (timeZone: string, sendHour: number) => ({ timeZone, sendHour, weekdays: everyDay });
  const march = new Date('2026-03-20T06:00:00Z');
  const october = new Date('2026-10-01T00:00:00Z');

  test.each([
    [slot('Europe/Paris', 7), march, '2026-03-29', 60, '2026-03-29T05:00:00.000Z', 'usual'],
    [slot('Europe/Paris', 2), march, '2026-03-29', 60, '2026-03-29T01:00:00.000Z', 'skipped'],
    [slot('Europe/Paris', 2), october, '2026-10-25', -60, '2026-10-25T00:00:00.000Z', 'repeated'],
    [slot('Australia/Lord_Howe', 7), march, '2026-04-05', -30, '2026-04-04T20:30:00.000Z', 'usual'],
  ])('in %j after %s is on %s', (wanted, from, localDate, shiftMinutes, at, hour) => {
    expect(nextClockChange(wanted, from)).toEqual({ localDate, shiftMinutes, at: new Date(at), hour });
  });

  test.each(['Asia/Tokyo', 'UTC', 'Asia/Kolkata'])('never comes in %s', (timeZone) => {
    expect(nextClockChange(slot(timeZone, 7), march)).toBeUndefined();
  });

  test('names the moment at which the slot comes on that date, in any zone', () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 23 }), (timeZone, sendHour) => {
        const change = nextClockChange(slot(timeZone, sendHour), march);
        if (!change) return;
        const { localDate } = change;
        expect(nextOccurrence(slot(timeZone, sendHour), march, addDays(localDate, -1))).toEqual({
          at: change.at,
          localDate,
        });
      }),
    );
  });
});
