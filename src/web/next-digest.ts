import { type ClockChange, localDateAt, nextClockChange, type Slot } from '../domain/cadence.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import { words } from '../words/words.ts';
import { clockTime, longDate, placeOf } from './wording.ts';

const said = words.next;

/** "Your next digest comes on Friday, 12 December, at 07:00 in Paris."; undefined while none comes. */
export function nextDigestSentence(
  preferences: Pick<Preferences, 'nextDueAt' | 'nextLocalDate' | 'timeZone'>,
  now: Date,
): string | undefined {
  const { nextDueAt, nextLocalDate, timeZone } = preferences;
  if (!nextDueAt || !nextLocalDate) return undefined;
  const day = dayWords(nextLocalDate, localDateAt(timeZone, now));
  return said.comes(day, clockTime(nextDueAt, timeZone), placeOf(timeZone));
}

/** What the next change of the clocks does to it; undefined where none comes within a year. */
export function clockChangeSentence(slot: Slot, now: Date): string | undefined {
  const change = nextClockChange(slot, now);
  if (!change) return undefined;
  const day = longDate(change.localDate, localDateAt(slot.timeZone, now));
  const { shiftMinutes } = change;
  return said.clocks(day, shiftMinutes > 0, Math.abs(shiftMinutes), consequence(change, slot));
}

function consequence({ hour, at }: ClockChange, { timeZone, sendHour }: Slot): string {
  const wanted = `${String(sendHour).padStart(2, '0')}:00`;
  if (hour === 'skipped') return said.skipped(clockTime(at, timeZone), wanted);
  return hour === 'repeated' ? said.repeated(wanted) : said.unmoved(wanted);
}

function dayWords(date: string, today: string): string {
  if (date === today) return said.today(longDate(date));
  return said.on(longDate(date, today));
}
