/** Fewer readers than this come and go by halves without anything being wrong. */
const smallAudience = 20;
/** From so many readers on such a move stops the edition; below it is said, and no more. */
export const heldFromReaders = 1000;

export interface AudienceBefore {
  /** Of the edition before this one, and how it is spoken of: "the day before", "on Friday". */
  lastTime: number | undefined;
  lastTimeWas?: string;
  /** Of the same weekday a week before. */
  weekBefore: number | undefined;
  /** Readers whose own weekdays leave this date out, and those of its audience whose weekdays left out the last one. */
  resting?: number;
  returning?: number;
}

/**
 * A sentence when an edition's audience moved by more than half: an import gone wrong looks like this, and so does a
 * list that was emptied. It must have moved against the edition before, apart from readers whose own days explain it,
 * and against the same weekday of the week before, where there is one.
 */
export function audienceWarning(audience: number, before: AudienceBefore): string | undefined {
  const { lastTime, weekBefore, resting = 0, returning = 0 } = before;
  const known = knownOf(before);
  if (known.length === 0 || Math.max(audience, ...known) < smallAudience) return undefined;
  const movedSince = (one: number | undefined, gone: number, come: number) =>
    !one || audience + gone < one / 2 || audience - come > one * 1.5;
  if (!movedSince(lastTime, resting, returning) || !movedSince(weekBefore, 0, 0)) return undefined;
  const than = lastTime
    ? `${number(lastTime)} ${before.lastTimeWas ?? 'the day before'}`
    : `${number(known[0]!)} a week before`;
  return `The audience moved by more than half: ${number(audience)}, after ${than}.`;
}

/**
 * Whether such a move also stops the edition until somebody has looked. What it is measured against must have been
 * large: a young installation grows by more than half, and must.
 */
export function holdsEdition(before: AudienceBefore): boolean {
  const known = knownOf(before);
  return known.length > 0 && Math.min(...known) >= heldFromReaders;
}

function knownOf({ lastTime, weekBefore }: AudienceBefore): number[] {
  return [lastTime, weekBefore].filter((n): n is number => n !== undefined && n > 0);
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
