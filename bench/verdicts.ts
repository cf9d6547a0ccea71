import type { Measured } from './measured.ts';
import { ours, perSecond, type SideName, type SideResult, sideTitles } from './pipeline/side.ts';
import { ratios, type Spread, spreadOf } from './statistics.ts';

/** One target of DESIGN 7, and whether this run met it. */
export interface Verdict {
  what: string;
  target: string;
  measured: string;
  isMet: boolean;
}

const againstPlain = 40;
const againstImproved = 6;
const againstBare = 1;
const bytesAgainstRender = 300;
const choiceAgainstQuery = 100;
const walBytesMax = 500;
const diskBytesMax = 600;
const peakGrowthMax = 1.5;
const peakMiBMax = 350;
const costGrowthMax = 1.3;
const limitUsedMin = 0.97;
const limitRefusedMax = 0.005;
const tenPapersBytesMax = 45_000;

/** Sizes between which cost and memory may hardly grow. */
const smallSubscribers = 10_000;

/** Every target that this run can speak about. The median of the repeats decides. */
export function judge(measured: Measured): Verdict[] {
  return [
    ...judgeRates(measured.sides),
    ...judgeFigures(measured),
    ...judgeStorage(measured.sides),
    ...judgeGrowth(measured.sides),
    ...(measured.limit ?? []).map(({ processes, used, refused }) => ({
      what: `limit of 10 requests/s, ${processes} processes`,
      target: '≥ 97 % used, ≤ 0.5 % refused',
      measured: `${percent(used)} used, ${percent(refused)} refused`,
      isMet: used >= limitUsedMin && refused <= limitRefusedMax,
    })),
    ...judgeScaling(measured.scaledOut ?? []),
  ];
}

/** How many times more digests a second one side makes than another at one size; undefined where one did not run. */
export function versus(
  sides: readonly SideResult[],
  side: SideName,
  against: SideName,
  subscribers: number,
): Spread | undefined {
  const rates = (name: SideName) =>
    sides
      .find((result) => result.side === name && result.subscribers === subscribers)
      ?.repeats.map(perSecond);
  const [one, other] = [rates(side), rates(against)];
  return one && other && ratios(one, other);
}

function judgeRates(sides: readonly SideResult[]): Verdict[] {
  const largestOf = (name: SideName) =>
    Math.max(...sides.filter((result) => result.side === name).map(({ subscribers }) => subscribers));
  const against = [
    ['plain', againstPlain],
    ['improved', againstImproved],
    ['bare', againstBare],
  ] as const;
  return ours.flatMap((side) =>
    against.flatMap(([other, least]) => {
      const subscribers = largestOf(other);
      const ratio = versus(sides, side, other, subscribers);
      if (!ratio) return [];
      const what = `${sideTitles[side]}, against ${sideTitles[other]} (${subscribers} subscribers)`;
      return [atLeast(what, ratio, least)];
    }),
  );
}

function judgeFigures({ bytes, choice }: Measured): Verdict[] {
  const verdicts: Verdict[] = [];
  if (bytes) {
    const ratio = ratios(bytes.renderMicros, bytes.assembleMicros);
    verdicts.push(atLeast("one digest's bytes, against render() + toPlainText()", ratio, bytesAgainstRender));
    verdicts.push({
      what: "a digest's HTML with ten papers",
      target: '≤ 45 KB',
      measured: `${(bytes.tenPapersBytes / 1000).toFixed(1)} KB`,
      isMet: bytes.tenPapersBytes <= tenPapersBytesMax,
    });
  }
  if (choice) {
    const ratio = ratios(choice.queryMicros, choice.indexMicros);
    verdicts.push(atLeast("choosing one digest's papers, against one query", ratio, choiceAgainstQuery));
  }
  return verdicts;
}

/** At the largest size: what an edition costs once is shared by all its digests. */
function judgeStorage(sides: readonly SideResult[]): Verdict[] {
  return ours.flatMap((side) => {
    const result = sides.filter((one) => one.side === side).at(-1);
    if (!result) return [];
    const wal = storageOf(result, 'walBytes');
    const disk = storageOf(result, 'diskBytes');
    return [
      atMost(
        `${sideTitles[side]}: WAL a digest (${result.subscribers} subscribers)`,
        wal,
        walBytesMax,
        ' bytes',
      ),
      atMost(
        `${sideTitles[side]}: disk a digest (${result.subscribers} subscribers)`,
        disk,
        diskBytesMax,
        ' bytes',
      ),
    ];
  });
}

/** Bytes a digest of one kind, over the repeats. */
export function storageOf({ repeats }: SideResult, kind: 'walBytes' | 'diskBytes'): Spread {
  return spreadOf(repeats.map((repeat) => (repeat[kind] ?? 0) / repeat.digests));
}

function judgeGrowth(sides: readonly SideResult[]): Verdict[] {
  return ours.flatMap((side) => {
    const own = sides.filter((one) => one.side === side);
    const small = own.find(({ subscribers }) => subscribers === smallSubscribers);
    const large = own.at(-1);
    if (!small || !large || large.subscribers <= smallSubscribers) return [];
    const growth = large.peakMiB / small.peakMiB;
    const cost = medianSeconds(large) / medianSeconds(small);
    const sizes = `${large.subscribers} against ${small.subscribers}`;
    return [
      {
        what: `${sideTitles[side]}: peak memory, ${sizes}`,
        target: '≤ 1.5 ×, ≤ 350 MiB',
        measured: `${growth.toFixed(2)} ×, ${Math.round(large.peakMiB)} MiB`,
        isMet: growth <= peakGrowthMax && large.peakMiB <= peakMiBMax,
      },
      {
        what: `${sideTitles[side]}: time a digest, ${sizes}`,
        target: '≤ 1.3 ×',
        measured: `${cost.toFixed(2)} ×`,
        isMet: cost <= costGrowthMax,
      },
    ];
  });
}

function judgeScaling(scaled: NonNullable<Measured['scaledOut']>): Verdict[] {
  const one = scaled.find(({ processes }) => processes === 1)?.rate.median;
  if (one === undefined) return [];
  return scaled
    .filter(({ processes }) => processes > 1)
    .map(({ processes, rate }) => ({
      what: `answers after 100 ms, ${processes} processes against 1`,
      target: 'more',
      measured: `${(rate.median / one).toFixed(2)} ×`,
      isMet: rate.median > one,
    }));
}

function medianSeconds({ repeats }: SideResult): number {
  return spreadOf(repeats.map(({ seconds, digests }) => seconds / digests)).median;
}

function atLeast(what: string, { min, median, max }: Spread, least: number): Verdict {
  const measured = `${median.toFixed(2)} × (${min.toFixed(2)} to ${max.toFixed(2)})`;
  return { what, target: `≥ ${least} ×`, measured, isMet: median >= least };
}

function atMost(what: string, { min, median, max }: Spread, most: number, unit: string): Verdict {
  const measured = `${Math.round(median)}${unit} (${Math.round(min)} to ${Math.round(max)})`;
  return { what, target: `≤ ${most}${unit}`, measured, isMet: median <= most };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
