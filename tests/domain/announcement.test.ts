import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcementAllowance, isSettled } from '../../src/domain/announcement.ts';

const pace = { perSecond: 10, perRequest: 1, sinceMs: 60_000, waiting: 0, digestsWait: false };

describe('the allowance of announcements', () => {
  test.each([
    ['a hundred times as many where a hundred go into a request', { perSecond: 1, perRequest: 100 }, 4500],
    ['no more than one transaction should hold', { perRequest: 100 }, 20_000],
    ['three quarters of the rate while no digest waits', {}, 450],
    ['a quarter of it while digests do', { digestsWait: true }, 150],
    ['the first minute’s at once', { sinceMs: undefined }, 450],
    ['what has come due since the last set', { sinceMs: 4_000 }, 30],
    ['no more for a longer pause', { sinceMs: 3_600_000 }, 450],
    ['less what was released and still waits', { waiting: 440 }, 10],
    ['nothing behind a line that does not move', { waiting: 1000 }, 0],
    ['one a minute where mail is slower than that', { perSecond: 0.01 }, 1],
    ['nothing where a clock went back', { sinceMs: -5 }, 0],
    ['a quarter of a capped day', { cap: 400, madeToday: 0 }, 100],
    ['what is left of that quarter', { cap: 400, madeToday: 95 }, 5],
    ['nothing once it is used up', { cap: 400, madeToday: 120 }, 0],
  ])('is %s', (_, given, allowed) => {
    expect(announcementAllowance({ ...pace, ...given })).toBe(allowed);
  });

  test('never lets more wait than a minute of its share, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 5000, noNaN: true }),
        fc.option(fc.double({ min: -1e6, max: 1e9, noNaN: true }), { nil: undefined }),
        fc.nat(100_000),
        fc.boolean(),
        (perSecond, sinceMs, waiting, digestsWait) => {
          const allowed = announcementAllowance({ ...pace, perSecond, sinceMs, waiting, digestsWait });
          expect(Number.isInteger(allowed) && allowed >= 0).toBe(true);
          const most = Math.max(1, perSecond * 60 * (digestsWait ? 0.25 : 0.75));
          expect(allowed === 0 || waiting + allowed <= most).toBe(true);
        },
      ),
    );
  });
});

test('a ledger is settled only when nothing is pending and it adds up', () => {
  const ledger = { audience: 4, pending: 0, accepted: 1, skipped: { suppressed: 1 }, failed: { refused: 1 } };
  expect(isSettled({ ...ledger, unknown: 1 })).toBe(true);
  expect(isSettled({ ...ledger, unknown: 0 })).toBe(false);
  expect(isSettled({ ...ledger, audience: 5, unknown: 1, pending: 1 })).toBe(false);
});
