import { localDateAt } from '../domain/cadence.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import { clockTime, longDate, placeOf } from './wording.ts';

/** "Your next digest comes on Friday, 12 December, at 07:00 in Paris."; undefined while none comes. */
export function nextDigestSentence(preferences: Preferences, now: Date): string | undefined {
  const { nextDueAt, nextLocalDate, timeZone } = preferences;
  if (!nextDueAt || !nextLocalDate) return undefined;
  const day = dayWords(nextLocalDate, localDateAt(timeZone, now));
  return `Your next digest comes ${day}, at ${clockTime(nextDueAt, timeZone)} ${placeOf(timeZone)}.`;
}

function dayWords(date: string, today: string): string {
  if (date === today) return `today, ${longDate(date)}`;
  return `on ${longDate(date, today)}`;
}
