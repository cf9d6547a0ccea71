import { Temporal } from 'temporal-polyfill';

/** When thousands of readers who chose alike get their mail. Weekdays are a bit set, bit 0 is Monday. */
export interface Slot {
  timeZone: string;
  sendHour: number;
  weekdays: number;
}

/** One moment of a slot. The local date names the edition, even where a clock change moves the instant past midnight. */
export interface Occurrence {
  at: Date;
  localDate: string;
}

export const everyDay = 0b1111111;
/** A slot missed by more than this is skipped as too late (RULES 6). */
export const tooLateMs = 12 * 3_600_000;
/** After a change of slot, the next digest keeps this distance from the last (RULES 5). */
export const digestDistanceMs = 12 * 3_600_000;
/** A weekly slot, a skipped day and an already used date: the search never has to look further. */
const searchDaysMax = 24;

/** Whether this is a zone that the IANA data here knows. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The name of a zone in the spelling of the IANA data: names are found in any case, and one zone is one slot. */
export function spelledTimeZone(name: string): string {
  return zonedAt(name, new Date(0)).timeZoneId;
}

/**
 * The first occurrence of `slot` at or after `from` whose local date is later than `afterDate`.
 * A skipped local hour happens at the first valid minute, a repeated one once, the first time (RULES 4).
 */
export function nextOccurrence(slot: Slot, from: Date, afterDate?: string): Occurrence {
  const here = Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO(slot.timeZone);
  // A clock change can push yesterday's last hour past midnight, so the search begins a day early.
  let date = here.toPlainDate().subtract({ days: 1 });
  if (afterDate !== undefined) {
    const next = Temporal.PlainDate.from(afterDate).add({ days: 1 });
    if (Temporal.PlainDate.compare(next, date) > 0) date = next;
  }
  for (let day = 0; day < searchDaysMax; day++, date = date.add({ days: 1 })) {
    if ((slot.weekdays & (1 << (date.dayOfWeek - 1))) === 0) continue;
    const at = momentOn(slot, date);
    if (at !== undefined && at >= from.getTime()) return { at: new Date(at), localDate: date.toString() };
  }
  throw new Error(`The slot ${JSON.stringify(slot)} never comes: it has no weekday.`);
}

/**
 * Where a reader continues after their last digest or a change of zone, hour or days: the first occurrence
 * from `now` with a later local date than the last digest's and at least 12 h after it (RULES 5).
 */
export function nextAfterChange(
  slot: Slot,
  now: Date,
  last: { localDate: string; at: Date } | undefined,
): Occurrence {
  if (!last) return nextOccurrence(slot, now);
  const earliest = new Date(Math.max(now.getTime(), last.at.getTime() + digestDistanceMs));
  return nextOccurrence(slot, earliest, last.localDate);
}

/** What the next change of a zone's clocks does to a slot. */
export interface ClockChange {
  /** The local date on which the clocks change. */
  localDate: string;
  /** Forward is above zero. */
  shiftMinutes: number;
  /** When the slot's hour happens on that date. */
  at: Date;
  /** The hour does not exist on that date, or happens twice on it (RULES 4). */
  hour: 'usual' | 'skipped' | 'repeated';
}

/** Clocks that change later than this are of no concern to anybody. */
const clockChangeDaysMax = 366;

/** The next change of the clocks in the slot's zone within a year; undefined where they do not change. */
export function nextClockChange(slot: Slot, from: Date): ClockChange | undefined {
  const after = zonedAt(slot.timeZone, from).getTimeZoneTransition('next');
  if (!after || after.epochMilliseconds - from.getTime() > clockChangeDaysMax * 86_400_000) return undefined;
  const before = after.subtract({ nanoseconds: 1 });
  const shiftMinutes = (after.offsetNanoseconds - before.offsetNanoseconds) / 60e9;
  const date = shiftMinutes > 0 ? before.add({ nanoseconds: 1 }).toPlainDate() : before.toPlainDate();
  const at = momentOn(slot, date);
  // Some changes are of the name alone, and once in a while a zone leaves out a whole day.
  if (shiftMinutes === 0 || at === undefined) return undefined;
  const wanted = date.toPlainDateTime({ hour: slot.sendHour });
  const [early, late] = (['earlier', 'later'] as const).map((disambiguation) =>
    wanted.toZonedDateTime(slot.timeZone, { disambiguation }),
  );
  const isThere = early!.toPlainDateTime().equals(wanted);
  const isOnce = early!.epochMilliseconds === late!.epochMilliseconds;
  const hour = isOnce ? 'usual' : isThere ? 'repeated' : 'skipped';
  return { localDate: date.toString(), shiftMinutes, at: new Date(at), hour };
}

/** The local date of an instant in a zone, `YYYY-MM-DD`. */
export function localDateAt(timeZone: string, at: Date): string {
  return zonedAt(timeZone, at).toPlainDate().toString();
}

/** The local hour of an instant in a zone. */
export function localHourAt(timeZone: string, at: Date): number {
  return zonedAt(timeZone, at).hour;
}

/** `date` moved by whole days: calendar arithmetic, no zones. */
export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** The UTC date of an instant. */
export function utcDate(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Whole days from one date to a later one. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

function zonedAt(timeZone: string, at: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/** Epoch milliseconds of the slot's hour on a date; undefined on a date that the zone skipped whole. */
function momentOn(slot: Slot, date: Temporal.PlainDate): number | undefined {
  const wanted = date.toPlainDateTime({ hour: slot.sendHour });
  const early = wanted.toZonedDateTime(slot.timeZone, { disambiguation: 'earlier' });
  if (early.toPlainDateTime().equals(wanted)) return early.epochMilliseconds;
  if (!date.toZonedDateTime(slot.timeZone).toPlainDate().equals(date)) return undefined;
  // In a gap "earlier" lands before it, so the next change of the clock is the gap's end.
  return (early.getTimeZoneTransition('next') ?? early).epochMilliseconds;
}
