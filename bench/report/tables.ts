import type { Measured } from '../measured.ts';
import { perSecond, type SideResult, sideTitles } from '../pipeline/side.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { storageOf, type Verdict } from '../verdicts.ts';

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  return table(
    ['what', 'target', 'measured', 'met'],
    verdicts.map(({ what, target, measured, isMet }) => [what, target, measured, isMet ? 'yes' : '**no**']),
  );
}

/** Rates by side and size: min, median and max of the repeats. */
export function rateTable(sides: readonly SideResult[]): string {
  return table(
    [
      'side',
      'subscribers',
      'repeats',
      'digests/s: min',
      'median',
      'max',
      'processor time a digest',
      'peak memory',
    ],
    sides.map(({ side, subscribers, repeats, peakMiB }) => {
      const rate = spreadOf(repeats.map(perSecond));
      const cpu = spreadOf(repeats.map(({ cpuSeconds, digests }) => (cpuSeconds / digests) * 1e6));
      return [
        sideTitles[side],
        count(subscribers),
        String(repeats.length),
        ...columns(rate),
        `${count(cpu.median)} µs`,
        `${count(peakMiB)} MiB`,
      ];
    }),
  );
}

/** What an edition leaves in Postgres, and when its steps were done. */
export function storageTable(sides: readonly SideResult[]): string {
  const own = sides.filter(({ repeats }) => repeats[0]?.walBytes !== undefined);
  return table(
    [
      'side',
      'subscribers',
      'WAL a digest',
      'disk a digest',
      'prepared in',
      'last range begun after',
      'accepted after',
    ],
    own.map((result) => [
      sideTitles[result.side],
      count(result.subscribers),
      `${count(storageOf(result, 'walBytes').median)} bytes`,
      `${count(storageOf(result, 'diskBytes').median)} bytes`,
      seconds(result, 'preparedSeconds'),
      seconds(result, 'composedSeconds'),
      seconds(result, 'seconds'),
    ]),
  );
}

function seconds({ repeats }: SideResult, of: 'preparedSeconds' | 'composedSeconds' | 'seconds'): string {
  return `${spreadOf(repeats.map((repeat) => repeat[of] ?? 0)).median.toFixed(1)} s`;
}

/** Microseconds a digest, by us and by what we replace. */
export function figureTable({ bytes, choice }: Measured): string {
  const rows: string[][] = [];
  if (bytes) {
    rows.push(['bytes by React Email', ...columns(spreadOf(bytes.renderMicros))]);
    rows.push(['bytes out of fragments', ...columns(spreadOf(bytes.assembleMicros))]);
  }
  if (choice) {
    rows.push(['papers by a query', ...columns(spreadOf(choice.queryMicros))]);
    rows.push(['papers by the index', ...columns(spreadOf(choice.indexMicros))]);
  }
  return table(['microseconds a digest', 'min', 'median', 'max'], rows);
}

function columns({ min, median, max }: Spread): string[] {
  return [min, median, max].map(count);
}

/** 1,234; below ten with a decimal. */
export function count(value: number): string {
  return value < 10 && !Number.isInteger(value)
    ? value.toFixed(1)
    : Math.round(value).toLocaleString('en-US');
}
