import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composersFor, enoughIn } from '../../src/domain/lead.ts';

const line = (waiting: number) => ({ perSecond: 10, mails: 100, waiting });

describe('at ten requests a second', () => {
  test('composing rests when two seconds lie ready', () => {
    expect(enoughIn(line(0))).toBe(20);
    expect(composersFor(line(20), true)).toBe(0);
  });

  test('one range at a time is enough, and only whoever has the papers at hand composes it', () => {
    expect(composersFor(line(19), true)).toBe(1);
    expect(composersFor(line(10), true)).toBe(1);
    expect(composersFor(line(19), false)).toBe(0);
  });

  test('with less than a second ready, whoever is there may help', () => {
    expect(composersFor(line(9), true)).toBe(2);
    expect(composersFor(line(0), false)).toBe(2);
  });
});

test('a mail server that takes one mail at a time wants no more than one composer', () => {
  expect(composersFor({ perSecond: 10, mails: 1, waiting: 0 }, false)).toBe(1);
});

test('however fast the line, composers are counted by the hundred at most', () => {
  expect(composersFor({ perSecond: 1e6, mails: 100, waiting: 0 }, false)).toBe(100);
});

test('a line that is empty always wants somebody, and the shorter it is the more', () => {
  const lines = fc.record({
    perSecond: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    mails: fc.integer({ min: 1, max: 100 }),
    waiting: fc.nat(2000),
  });
  fc.assert(
    fc.property(lines, fc.boolean(), (one, isAtIt) => {
      expect(composersFor({ ...one, waiting: 0 }, isAtIt)).toBeGreaterThanOrEqual(1);
      expect(composersFor({ ...one, waiting: one.waiting + 1 }, isAtIt)).toBeLessThanOrEqual(
        composersFor(one, isAtIt),
      );
      expect(composersFor(one, false)).toBeLessThanOrEqual(composersFor(one, true));
    }),
  );
});
