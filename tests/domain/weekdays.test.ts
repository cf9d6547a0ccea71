import fc from 'fast-check';
import { expect, test } from 'vitest';
import { everyDay } from '../../src/domain/cadence.ts';
import { formatWeekdays, parseWeekdays } from '../../src/domain/weekdays.ts';

test('every choice of days is written in a way that reads back the same', () => {
  for (let bits = 1; bits <= everyDay; bits++) expect(parseWeekdays(formatWeekdays(bits))).toBe(bits);
});

test.each([
  ['', 0b1111111],
  [' ', 0b1111111],
  ['1-7', 0b1111111],
  ['1-5', 0b0011111],
  ['6-7', 0b1100000],
  ['1', 0b0000001],
  ['7', 0b1000000],
  ['1,3,5', 0b0010101],
  [' 1 , 3 - 5 ', 0b0011101],
  ['5,1,5', 0b0010001],
  ['1-3,2-4', 0b0001111],
])('%j is %i', (text, bits) => {
  expect(parseWeekdays(text)).toBe(bits);
});

test.each([
  '0',
  '8',
  '1-8',
  '0-5',
  '5-1',
  '1-',
  '-1',
  ',',
  '1,,3',
  '1,',
  '1-2-3',
  'Mon',
  '1;3',
  '１',
  '1.5',
  '+1',
])('%j is no choice of days', (text) => {
  expect(parseWeekdays(text)).toBeUndefined();
});

test.each([
  [0b0011111, '1-5'],
  [0b0010101, '1,3,5'],
  [0b1100000, '6-7'],
  [0b1000001, '1,7'],
  [0b0001011, '1-2,4'],
  [0b1111111, ''],
])('%i is written %j', (bits, text) => {
  expect(formatWeekdays(bits)).toBe(text);
});

test('no text at all makes reading throw or gives days that are none', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789,- \n'), maxLength: 60 }), (text) => {
      const bits = parseWeekdays(text);
      expect(bits === undefined || (bits > 0 && bits <= everyDay)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(parseWeekdays('1,'.repeat(1_000_000))).toBeUndefined();
});
