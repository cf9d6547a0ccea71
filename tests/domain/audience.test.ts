import fc from 'fast-check';
import { expect, test } from 'vitest';
import { audienceWarning, heldFromReaders, holdsEdition } from '../../src/domain/audience.ts';

test('readers whose own days leave a date out explain that it is small', () => {
  const friday = { lastTime: 10_000, weekBefore: undefined };
  expect(audienceWarning(3000, friday)).toBe(
    'The audience moved by more than half: 3,000, after 10,000 the day before.',
  );
  expect(audienceWarning(3000, { ...friday, resting: 7000 })).toBeUndefined();
  expect(audienceWarning(300, { ...friday, resting: 700 })).toBe(
    'The audience moved by more than half: 300, after 10,000 the day before.',
  );
});

test('readers who come back from their days off explain that it is large', () => {
  const sunday = { lastTime: 3000, lastTimeWas: 'on Sunday', weekBefore: undefined };
  expect(audienceWarning(10_000, sunday)).toContain('10,000, after 3,000 on Sunday');
  expect(audienceWarning(10_000, { ...sunday, returning: 7000 })).toBeUndefined();
});

test('what moved by half or less is never a warning, whatever the sizes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000_000 }),
      fc.double({ min: 0.5, max: 1.5, noNaN: true }),
      (lastTime, factor) => {
        const audience = Math.round(lastTime * factor);
        fc.pre(audience >= lastTime / 2 && audience <= lastTime * 1.5);
        expect(audienceWarning(audience, { lastTime, weekBefore: undefined })).toBeUndefined();
      },
    ),
  );
});

test('an installation of few readers is warned and never stopped, and so is a first day', () => {
  expect(holdsEdition({ lastTime: undefined, weekBefore: undefined })).toBe(false);
  expect(holdsEdition({ lastTime: heldFromReaders - 1, weekBefore: undefined })).toBe(false);
  expect(holdsEdition({ lastTime: 50_000, weekBefore: 40 })).toBe(false);
  expect(holdsEdition({ lastTime: heldFromReaders, weekBefore: undefined })).toBe(true);
});
