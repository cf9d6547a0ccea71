import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays } from '../../src/domain/cadence.ts';
import { capOn } from '../../src/domain/daily-cap.ts';

const began = '2026-11-26';
const ramp = { rampFrom: began };

test('a number is the same every day', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e8 }), fc.nat(4000), (mails, days) => {
      expect(capOn({ mails }, addDays(began, days))).toBe(mails);
    }),
  );
});

test('a ramp is Resend’s advice for its first week, and 1.4 times the day before from there on', () => {
  const days = Array.from({ length: 10 }, (_, n) => capOn(ramp, addDays(began, n)));
  expect(days).toEqual([150, 250, 400, 700, 1000, 1500, 2000, 2800, 3919, 5487]);
});

test('before it has begun, a ramp is that of its first day', () => {
  expect(capOn(ramp, '2026-11-01')).toBe(150);
});

test('a ramp never falls, and stays a whole number for as long as anybody runs it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -400, max: 20_000 }), (days) => {
      const today = capOn(ramp, addDays(began, days));
      expect(Number.isSafeInteger(today)).toBe(true);
      expect(capOn(ramp, addDays(began, days + 1))).toBeGreaterThanOrEqual(today);
    }),
  );
});
