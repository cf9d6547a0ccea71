import { everyDay } from './cadence.ts';

/** Monday is 1. Each name's place gives its bit. */
export const weekdayNames = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** Reads `1-5`, `1,3,5`, `6-7`; empty is every day. Undefined for anything else. Monday is 1. */
export function parseWeekdays(text: string): number | undefined {
  const compact = text.replaceAll(/\s/g, '');
  if (compact === '') return everyDay;
  if (compact.length > 40) return undefined;
  let bits = 0;
  for (const part of compact.split(',')) {
    const found = /^([1-7])(?:-([1-7]))?$/.exec(part);
    if (!found) return undefined;
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (last < first) return undefined;
    for (let day = first; day <= last; day++) bits |= 1 << (day - 1);
  }
  return bits;
}

/** The opposite: `1-5`, `1,3,5`, or empty for every day. */
export function formatWeekdays(bits: number): string {
  if (bits === everyDay) return '';
  const runs: [number, number][] = [];
  for (let day = 1; day <= 7; day++) {
    if ((bits & (1 << (day - 1))) === 0) continue;
    const last = runs.at(-1);
    if (last && last[1] === day - 1) last[1] = day;
    else runs.push([day, day]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The place of a date's weekday, 0 for Monday. */
export function weekdayPlace(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The bit of a date's weekday in a slot's days. */
export function weekdayBit(date: string): number {
  return 1 << weekdayPlace(date);
}

/** "Monday". */
export function weekdayOf(date: string): string {
  return weekdayNames[weekdayPlace(date)]!;
}
