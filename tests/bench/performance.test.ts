import { expect, test } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import type { Repeat, SideName, SideResult } from '../../bench/pipeline/side.ts';
import { basisOf, demandOf } from '../../bench/scaling/demand.ts';
import { plotBars } from '../../bench/report/bars.ts';
import { count, rateTable, table, verdictTable } from '../../bench/report/tables.ts';
import { ratios, spreadOf } from '../../bench/statistics.ts';
import { judge, versus } from '../../bench/verdicts.ts';

function side(
  name: SideName,
  subscribers: number,
  seconds: number[],
  more: Partial<Repeat> = {},
): SideResult {
  const repeats = seconds.map((one) => ({ digests: 1000, seconds: one, cpuSeconds: one / 2, ...more }));
  return { side: name, subscribers, repeats, peakMiB: subscribers === 10_000 ? 200 : 280 };
}

const stored = { walBytes: 400_000, diskBytes: 700_000 };

test('the spread of repeats is their least, middle and largest; of two, the middle lies between', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ min: 1, median: 3, max: 5, repeats: 3 });
  expect(spreadOf([4, 2])).toEqual({ min: 2, median: 3, max: 4, repeats: 2 });
  expect(() => spreadOf([])).toThrow('Nothing was measured');
});

test('a ratio is taken repeat by repeat, so that a slow minute slows both', () => {
  expect(ratios([100, 10, 60], [10, 1, 5])).toEqual({ min: 10, median: 10, max: 12, repeats: 3 });
});

test('a target is met from its very limit, and the median decides', () => {
  const sides = [
    side('bare', 10_000, [1, 1, 1]),
    side('plain', 10_000, [40, 40, 90]),
    side('ours-postgres', 10_000, [1, 1.1, 0.9], stored),
  ];
  const verdicts = judge({ sides });
  expect(verdicts.map(({ target, isMet }) => [target, isMet])).toEqual([
    ['≥ 40 ×', true],
    ['≥ 1 ×', true],
    ['≤ 500 bytes', true],
    ['≤ 600 bytes', false],
  ]);
  expect(versus(sides, 'ours-postgres', 'plain', 10_000)!.median).toBe(40);
  expect(versus(sides, 'ours-redis', 'plain', 10_000)).toBeUndefined();
});

test('memory and time a digest are held against those of ten thousand', () => {
  const grown = [side('ours-redis', 10_000, [1], stored), side('ours-redis', 1_000_000, [1.4], stored)];
  const verdicts = judge({ sides: grown }).filter(({ what }) => what.includes('against 10000'));
  expect(verdicts.map(({ measured, isMet }) => [measured, isMet])).toEqual([
    ['1.40 ×, 280 MiB', true],
    ['1.40 ×', false],
  ]);
});

test('the limit must be used and hardly be run into; more processes must bring more', () => {
  const verdicts = judge({
    sides: [],
    limit: [
      { processes: 1, used: 0.97, refused: 0.005 },
      { processes: 2, used: 0.99, refused: 0.006 },
    ],
    scaledOut: [
      { processes: 1, rate: spreadOf([10]) },
      { processes: 2, rate: spreadOf([10]) },
      { processes: 4, rate: spreadOf([11]) },
    ],
  });
  expect(verdicts.map(({ isMet }) => isMet)).toEqual([true, false, false, true]);
});

test('bytes and choices are judged by how much faster they are', () => {
  const verdicts = judge({
    sides: [],
    bytes: { renderMicros: [9000], assembleMicros: [30], tenPapersBytes: 45_001 },
    choice: { queryMicros: [500, 900], indexMicros: [5, 10] },
  });
  expect(verdicts.map(({ measured, isMet }) => [measured, isMet])).toEqual([
    ['300.00 × (300.00 to 300.00)', true],
    ['45.0 KB', false],
    ['95.00 × (90.00 to 100.00)', false],
  ]);
});

test('tables say what is missed in bold, and count as people write numbers', () => {
  const missed = { what: 'a', target: '≥ 1 ×', measured: '0.5 ×', isMet: false };
  expect(verdictTable([missed]).split('\n').at(-1)).toBe('| a | ≥ 1 × | 0.5 × | **no** |');
  expect(
    rateTable([side('plain', 1000, [2])])
      .split('\n')
      .at(-1),
  ).toBe('| plain | 1,000 | 1 | 500 | 500 | 500 | 1,000 µs | 280 MiB |');
  expect(table(['a', 'b'], [])).toBe('| a | b |\n| --- | --- |');
  expect([count(1234.5), count(9.96), count(3)]).toEqual(['1,235', '10.0', '3']);
});

test('a plot has a bar for each side, and the same numbers give the same bytes', () => {
  const bars = ['one & only', 'other'].map((name, n) => ({ name, spread: spreadOf([10 ** (n + 1)]) }));
  const svg = plotBars('Title', 'digests/s', bars);
  expect(svg.match(/<rect x=/g)).toHaveLength(2);
  expect(svg).toContain('one &amp; only');
  expect(plotBars('Title', 'digests/s', bars)).toBe(svg);
});

test('a part of a run does not replace the whole, unless it is told to', () => {
  expect(readOptions([])).toMatchObject({
    writes: true,
    sizes: [{ repeats: 5 }, { repeats: 5 }, { repeats: 3 }, { repeats: 1 }],
  });
  expect(readOptions(['--only', 'pipeline', '--subscribers', '2000'])).toMatchObject({
    writes: false,
    sizes: [{ subscribers: 2000, repeats: 5 }],
  });
  expect(readOptions(['--subscribers', '1000', '--repeats', '2', '--write'])).toMatchObject({ writes: true });
  expect(() => readOptions(['--only', 'everything'])).toThrow('no part "everything"');
  expect(() => readOptions(['--subscribers', 'many'])).toThrow('"many" must be a whole number');
});

test('what many readers ask of machines is calculated from the side that costs more', () => {
  const sides = [
    side('ours-postgres', 10_000, [0.5], { walBytes: 500_000, diskBytes: 600_000 }),
    side('ours-redis', 10_000, [0.25], { walBytes: 400_000, diskBytes: 700_000 }),
  ];
  const basis = basisOf({ sides, readerBytes: 500 });
  expect(basis).toEqual({ perSecond: 2000, walBytes: 500, diskBytes: 700, readerBytes: 500 });
  expect(demandOf(14_400_000, basis)).toMatchObject({
    peakPerSecond: 1000,
    processes: 1,
    requestsPerSecond: 10,
    accounts: 1,
    hoursOfOneAccount: 4,
    readersGB: 7.2,
    walMBPerSecond: 0.5,
  });
  expect(() => basisOf({ sides })).toThrow('run `npm run bench` first');
});
