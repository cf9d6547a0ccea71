import { type ClockChange, localDateAt, nextClockChange, type Slot } from '../domain/cadence.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import { clockTime, longDate, placeOf } from './wording.ts';

/** "Your next digest comes on Friday, 12 December, at 07:00 in Paris."; undefined while none comes. */
export function nextDigestSentence(
  preferences: Pick<Preferences, 'nextDueAt' | 'nextLocalDate' | 'timeZone'>,
  now: Date,
): string | undefined {
  const { nextDueAt, nextLocalDate, timeZone } = preferences;
  if (!nextDueAt || !nextLocalDate) return undefined;
  const day = dayWords(nextLocalDate, localDateAt(timeZone, now));
  return `Your next digest comes ${day}, at ${clockTime(nextDueAt, timeZone)} ${placeOf(timeZone)}.`;
}

/** What the next change of the clocks does to it; undefined where none comes within a year. */
export function clockChangeSentence(slot: Slot, now: Date): string | undefined {
  const change = nextClockChange(slot, now);
  if (!change) return undefined;
  const day = longDate(change.localDate, localDateAt(slot.timeZone, now));
  const way = `${change.shiftMinutes > 0 ? 'forward' : 'back'} ${stretch(Math.abs(change.shiftMinutes))}`;
  return `On ${day} the clocks go ${way}. ${consequence(change, slot)}`;
}

function consequence({ hour, at }: ClockChange, { timeZone, sendHour }: Slot): string {
  const wanted = `${String(sendHour).padStart(2, '0')}:00`;
  if (hour === 'skipped')
    return `A digest of that day comes at ${clockTime(at, timeZone)}, because there is no ${wanted}.`;
  if (hour === 'repeated') return `${wanted} comes twice that day; the digest comes once, the first time.`;
  return `Your digest still comes at ${wanted}.`;
}

function stretch(minutes: number): string {
  if (minutes === 60) return 'an hour';
  return minutes === 30 ? 'half an hour' : `${minutes} minutes`;
}

function dayWords(date: string, today: string): string {
  if (date === today) return `today, ${longDate(date)}`;
  return `on ${longDate(date, today)}`;
}
