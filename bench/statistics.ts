/** What several repeats of one measurement came to. */
export interface Spread {
  min: number;
  median: number;
  max: number;
  repeats: number;
}

/** The spread of some values; of an even number, the median is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('Nothing was measured: there is no spread of no values.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)!, repeats: sorted.length };
}

/**
 * How many times more one side is than another, repeat by repeat: neighbours in time share the machine's moods, so
 * the ratio of two medians would say less.
 */
export function ratios(values: readonly number[], against: readonly number[]): Spread {
  const pairs = Math.min(values.length, against.length);
  return spreadOf(Array.from({ length: pairs }, (_, n) => values[n]! / against[n]!));
}
