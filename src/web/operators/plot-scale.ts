/** The round number at or above the largest value: 1, 2, 2.5 or 5 times a power of ten; at least 1. */
export function niceMax(values: readonly number[]): number {
  const largest = Math.max(1, ...values);
  const power = 10 ** Math.floor(Math.log10(largest));
  for (const step of [1, 2, 2.5, 5, 10]) {
    if (largest <= step * power && Number.isInteger(step * power)) return step * power;
  }
  return 10 * power;
}

/** "950", "12k", "1.2m": as short as a plot's edge allows. */
export function shortNumber(n: number): string {
  if (n >= 1_000_000) return `${trim(n / 1_000_000)}m`;
  if (n >= 10_000) return `${trim(n / 1000)}k`;
  return n.toLocaleString('en-US');
}

function trim(n: number): string {
  return n.toFixed(1).replace(/\.0$/, '');
}

/** Moves labels apart so that none lies over another, in the order of their places and within the edges. */
export function spreadLabels(places: readonly number[], gap: number, bottom: number): number[] {
  const order = places.map((place, index) => ({ place, index })).toSorted((a, b) => a.place - b.place);
  let above = -Infinity;
  for (const label of order) {
    label.place = Math.max(label.place, above + gap);
    above = label.place;
  }
  let below = bottom + gap;
  for (const label of order.toReversed()) {
    label.place = Math.min(label.place, below - gap);
    below = label.place;
  }
  const moved = [...places];
  for (const { place, index } of order) moved[index] = place;
  return moved;
}
