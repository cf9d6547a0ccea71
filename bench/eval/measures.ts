/** Measures of a ranking: `scores` and `labels` by item; ties go to the earlier item, as a reader would see them. */
export type Scores = ArrayLike<number>;
export type Labels = ArrayLike<number>;

/** The chance that a random relevant item scores above a random other one; ties count half. NaN without both. */
export function auc(scores: Scores, labels: Labels): number {
  const order = indexes(scores.length).toSorted((a, b) => scores[a]! - scores[b]!);
  let [ranks, positives] = [0, 0];
  for (let at = 0; at < order.length;) {
    let end = at;
    while (end < order.length && scores[order[end]!] === scores[order[at]!]) end++;
    const rank = (at + 1 + end) / 2;
    for (; at < end; at++) {
      if (!labels[order[at]!]) continue;
      ranks += rank;
      positives++;
    }
  }
  const negatives = order.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Discounted gain of the first `count` against the best possible; labels may be graded. NaN without relevant items. */
export function ndcgAt(scores: Scores, labels: Labels, count: number): number {
  const gained = discounted(best(scores), labels, count);
  return gained / discounted(best(labels), labels, count);
}

/** AUC, average precision, precision and nDCG of the first ten, from one sorting. */
export interface Measured {
  auc: number;
  averagePrecision: number;
  precision10: number;
  ndcg10: number;
}

export function measureAll(scores: Scores, labels: Labels): Measured {
  const order = best(scores);
  const positives = order.reduce((sum, item) => sum + (labels[item] ? 1 : 0), 0);
  let [found, precisions, ranks, ideal, gained, firstTen] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < order.length;) {
    let end = at;
    while (end < order.length && scores[order[end]!] === scores[order[at]!]) end++;
    const rank = order.length - (at + 1 + end) / 2 + 1;
    for (; at < end; at++) {
      if (!labels[order[at]!]) continue;
      found++;
      precisions += found / (at + 1);
      ranks += rank;
      if (at >= 10) continue;
      firstTen++;
      gained += 1 / Math.log2(at + 2);
    }
  }
  for (let at = 0; at < Math.min(10, positives); at++) ideal += 1 / Math.log2(at + 2);
  return {
    auc: (ranks - (positives * (positives + 1)) / 2) / (positives * (order.length - positives)),
    averagePrecision: precisions / positives,
    precision10: firstTen / 10,
    ndcg10: gained / ideal,
  };
}

export function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** A measure and the middle 95 % of what it is over resamplings of the groups, drawn by a fixed generator. */
export interface Interval {
  value: number;
  low: number;
  high: number;
  /** What it is on each resampling. All systems are measured on the same ones, so that they can be compared. */
  drawn: readonly number[];
}

export function bootstrap<G, K extends string>(
  groups: readonly G[],
  measure: (groups: readonly G[]) => Record<K, number>,
  resamplings: number,
): Record<K, Interval> {
  const draw = randomFrom(1);
  const drawn = Array.from({ length: resamplings }, () =>
    measure(groups.map(() => groups[Math.floor(draw() * groups.length)]!)),
  );
  const all = measure(groups);
  const intervals = Object.keys(all).map((name) => {
    const key = name as K;
    return [
      key,
      intervalOf(
        all[key],
        drawn.map((one) => one[key]),
      ),
    ];
  });
  return Object.fromEntries(intervals) as Record<K, Interval>;
}

/** How much more one measure is than another of the same groups: on the same resamplings, which share their luck. */
export function difference(one: Interval, other: Interval): Interval {
  return intervalOf(
    one.value - other.value,
    one.drawn.map((value, n) => value - other.drawn[n]!),
  );
}

function intervalOf(value: number, drawn: readonly number[]): Interval {
  const sorted = drawn.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  return { value, low: at(0.025), high: at(0.975), drawn };
}

/** The same numbers from 0 up to 1 for the same seed, on every machine (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function discounted(order: readonly number[], labels: Labels, count: number): number {
  return order
    .slice(0, count)
    .reduce((sum, item, place) => sum + (labels[item] ?? 0) / Math.log2(place + 2), 0);
}

function best(scores: Scores): number[] {
  return indexes(scores.length).toSorted((a, b) => scores[b]! - scores[a]! || a - b);
}

function indexes(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}
