/** Fewer readers than this come and go by halves without anything being wrong. */
const smallAudience = 20;

/**
 * A sentence when an edition's audience moved by more than half: an import gone wrong looks like this, and so does a
 * list that was emptied. Against the day before and the same weekday of the week before, where there is one, because
 * many readers take no mail on weekends.
 */
export function audienceWarning(
  audience: number,
  before: { dayBefore: number | undefined; weekBefore: number | undefined },
): string | undefined {
  const known = [before.dayBefore, before.weekBefore].filter((n) => n !== undefined && n > 0) as number[];
  if (known.length === 0 || Math.max(audience, ...known) < smallAudience) return undefined;
  if (!known.every((one) => audience < one / 2 || audience > one * 1.5)) return undefined;
  const than = before.dayBefore
    ? `${number(before.dayBefore)} the day before`
    : `${number(known[0]!)} a week before`;
  return `The audience moved by more than half: ${number(audience)}, after ${than}.`;
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
