import type { Slot } from '../../src/domain/cadence.ts';

/** A stretch of time in which a zone's clock is this far ahead of UTC. */
interface Stretch {
  start: number;
  end: number;
  offsetMs: number;
}

/** The two years that the clocks are looked at in. */
export const clockSpan = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2028, 0, 1) };

const lookEveryMs = 2 * 86_400_000;
const clocks = new Map<string, Stretch[]>();

/**
 * The stretches between a zone's clock changes, found by looking at Intl's clock every other day and then closing in on the
 * second: independent of Temporal, which the code under test uses.
 */
export function clockOf(timeZone: string): Stretch[] {
  const known = clocks.get(timeZone);
  if (known) return known;
  const offsetAt = wallOf(timeZone);
  const stretches: Stretch[] = [];
  let here: Stretch = { start: clockSpan.from, end: clockSpan.to, offsetMs: offsetAt(clockSpan.from) };
  for (let day = clockSpan.from + lookEveryMs; day <= clockSpan.to; day += lookEveryMs) {
    const offsetMs = offsetAt(day);
    if (offsetMs === here.offsetMs) continue;
    let [before, after] = [day - lookEveryMs, day];
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (offsetAt(middle) === here.offsetMs) before = middle;
      else after = middle;
    }
    stretches.push({ ...here, end: after });
    here = { start: after, end: clockSpan.to, offsetMs };
  }
  stretches.push(here);
  clocks.set(timeZone, stretches);
  return stretches;
}

/** The first instant at which the clock on the wall shows the slot's hour of a date, or has passed it. */
export function dueMoment(slot: Slot, date: string): number | undefined {
  const wanted = Date.parse(date) + slot.sendHour * 3_600_000;
  for (const { start, end, offsetMs } of clockOf(slot.timeZone)) {
    const at = Math.max(start, wanted - offsetMs);
    if (at < end) return at;
  }
  return undefined;
}

function wallOf(timeZone: string): (at: number) => number {
  // Swedish writes `2026-03-29 03:00:00`.
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - at;
}
