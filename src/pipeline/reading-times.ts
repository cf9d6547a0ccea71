import type { DayState } from '../db/tables/sources.ts';
import { announcementOn, feedDayAt, feedReadyAt } from '../domain/arxiv-calendar.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { arxivPrefix } from '../sources/arxiv-api.ts';
import { nothing } from './announcement.ts';

/** What is known of a day's list. */
export interface DayKnown {
  state: DayState;
  readAt: Date;
}

/** How far back a start after an outage looks for lists it missed. */
export const daysBackMax = 3;
/** Votes of today's list are looked at this often; a little less, so that a tick may come early. */
const snapshotEveryMs = 3 * 3_600_000 - 5 * 60_000;
/** Papers are added to a list after its day has ended: it is read again at these hours of the day after. */
const lateReadings = ['00:30', '06:00'];
/** When a second look at arXiv's feed confirms or mends the first. */
const secondLook = '08:00';

/** The days of a source whose lists are to be read now, the most wanted first. `known` reaches back `daysBackMax` days. */
export function daysDue(source: string, now: Date, known: ReadonlyMap<string, DayKnown>): string[] {
  return source.startsWith(arxivPrefix) ? announcementDue(now, known) : listsDue(now, known);
}

/** The day before until its list is complete, and then twice more; today every three hours; what an outage left open. */
function listsDue(now: Date, known: ReadonlyMap<string, DayKnown>): string[] {
  const today = utcDate(now);
  const yesterday = addDays(today, -1);
  const last = known.get(yesterday);
  const isLate = lateReadings.some((time) => isBetween(last?.readAt, at(today, time), now));
  const todays = known.get(today);
  const isToday =
    !todays || todays.state === 'failed' || now.getTime() - todays.readAt.getTime() >= snapshotEveryMs;
  const older = Array.from({ length: daysBackMax - 1 }, (_, n) => addDays(today, -2 - n));
  return [
    ...(last?.state !== 'complete' || isLate ? [yesterday] : []),
    ...(isToday ? [today] : []),
    ...older.filter((day) => known.get(day)?.state !== 'complete'),
  ];
}

/** arXiv's feed holds one day only: that one first, then those of the query API. */
function announcementDue(now: Date, known: ReadonlyMap<string, DayKnown>): string[] {
  const day = feedDayAt(now);
  return [...feedDue(day, now, known), ...missedDue(day, now, known)];
}

/** From when the feed is surely rebuilt until its list is good, and once more at 08:00. */
function feedDue(day: string, now: Date, known: ReadonlyMap<string, DayKnown>): string[] {
  if (announcementOn(day) === 'weekend' || now < feedReadyAt(day)) return [];
  const last = known.get(day);
  const isGood = last?.state === 'complete' || last?.state === 'holiday';
  return !isGood || isBetween(last.readAt, at(day, secondLook), now) ? [day] : [];
}

/**
 * Lists that the feed had and we have not, or not whole: asked for until they were answered once after their day, in the
 * hours in which arXiv's query API may be asked and knows them.
 */
function missedDue(feedDay: string, now: Date, known: ReadonlyMap<string, DayKnown>): string[] {
  if (now < feedReadyAt(utcDate(now))) return [];
  return Array.from({ length: daysBackMax }, (_, n) => addDays(feedDay, -1 - n)).filter((day) => {
    if (announcementOn(day) !== 'list') return false;
    const last = known.get(day);
    if (!last || last.state === 'failed') return true;
    const isWanting = last.state === 'stale' || last.state === 'partial';
    return isWanting && feedDayAt(last.readAt) <= day;
  });
}

/** The day that needs no reading, because nothing is announced on it. */
export function quietDay(
  source: string,
  now: Date,
): { day: string; state: 'holiday'; note: string } | undefined {
  const day = feedDayAt(now);
  if (!source.startsWith(arxivPrefix) || announcementOn(day) !== 'weekend') return undefined;
  return { day, state: 'holiday', note: nothing.weekend };
}

const at = (day: string, time: string): Date => new Date(`${day}T${time}:00Z`);

/** Whether `moment` has come by now, and the last reading was before it. */
function isBetween(last: Date | undefined, moment: Date, now: Date): boolean {
  return last !== undefined && last < moment && moment <= now;
}
