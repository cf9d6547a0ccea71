import { addDays, everyDay, localDateAt, localHourAt, nextOccurrence } from './cadence.ts';

/**
 * When arXiv announces (https://info.arxiv.org/help/availability.html): in the evening of Sunday to Thursday in New York.
 * Its daily feed is rebuilt at the midnight after, so the lists of a week are those of Monday to Friday.
 */
const zone = 'America/New_York';

/** Days without an announcement. When a year is missing here, its quiet holidays are reported as stale lists. */
const holidays: ReadonlySet<string> = new Set([
  '2026-01-01',
  '2026-01-19',
  '2026-06-19',
  '2026-07-03',
  '2026-09-07',
  '2026-11-26',
  '2026-12-25',
  '2026-12-29',
  '2026-12-31',
]);

/**
 * What to expect of the list of a day: `list`, `weekend` (there is none), or `holiday`: there may be none. A holiday's
 * missing announcement shows in the feed of the day after, and it is not said which of the two dates the table means.
 */
export function announcementOn(day: string): 'list' | 'weekend' | 'holiday' {
  const at = new Date(`${day}T00:00:00Z`);
  const weekday = at.getUTCDay();
  if (weekday === 0 || weekday === 6) return 'weekend';
  const before = new Date(at.getTime() - dayMs).toISOString().slice(0, 10);
  return holidays.has(day) || holidays.has(before) ? 'holiday' : 'list';
}

const dayMs = 86_400_000;

/** The day whose list the feed holds at a moment: New York's date. */
export function feedDayAt(now: Date): string {
  return localDateAt(zone, now);
}

/** When a day's feed has surely been rebuilt: 05:30 UTC in New York's summer, 06:00 in its winter. */
export function feedReadyAt(day: string): Date {
  const isSummer = localHourAt(zone, new Date(`${day}T05:00:00Z`)) === 1;
  return new Date(`${day}T${isSummer ? '05:30' : '06:00'}:00Z`);
}

/**
 * When the papers of a day's list were received, at the latest: up to 14:00 in New York of the day before, and for a
 * Monday's list of the Friday before. Where the list before may have been left out, those of its time are meant as well.
 */
export function receivedFor(day: string): { from: Date; until: Date } {
  let before = addDays(day, -1);
  while (announcementOn(before) !== 'list') before = addDays(before, -1);
  return { from: cutOffOf(before), until: cutOffOf(day) };
}

/** Until when papers were received that a day's list has. */
function cutOffOf(day: string): Date {
  const isMonday = new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
  const date = addDays(day, isMonday ? -3 : -1);
  const afternoon = { timeZone: zone, sendHour: 14, weekdays: everyDay };
  return nextOccurrence(afternoon, new Date(`${date}T12:00:00Z`)).at;
}
