/** Dates as sources write them, which is in every way: as text, checked, never compared unparsed. */

/** A moment in any ISO form, from 1900 to 2100; a date alone is its midnight in UTC. */
export function moment(value: unknown): Date | undefined {
  if (typeof value !== 'string' || value.length > 40 || !/^\d{4}-\d{1,2}-\d{1,2}(?:$|[T ])/.test(value))
    return undefined;
  const onlyDate = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value);
  const at = onlyDate ? dayStart(calendarDay(value)) : new Date(value.replace(' ', 'T'));
  if (!at || Number.isNaN(at.getTime())) return undefined;
  const year = at.getUTCFullYear();
  return year >= 1900 && year <= 2100 ? at : undefined;
}

/** A calendar date `YYYY-MM-DD`, also from `2026-6-30` or from the UTC date of a moment; it must exist. */
export function calendarDay(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value.trim());
  if (!parts) return moment(value.trim())?.toISOString().slice(0, 10);
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || year < 1900 || year > 2100)
    return undefined;
  return at.toISOString().slice(0, 10);
}

/** A moment as mail and feeds write it (RFC 5322): `Fri, 8 Feb 2013 21:00:01 GMT`. */
export function mailMoment(value: unknown): Date | undefined {
  const parts = typeof value === 'string' && value.length <= 60 ? mailDate.exec(value.trim()) : null;
  if (!parts) return undefined;
  const at = new Date(value as string);
  const year = at.getUTCFullYear();
  return year >= 1900 && year <= 2100 ? at : undefined;
}

/** The calendar date as it is written, whatever the zone: midnight in New York is another date elsewhere. */
export function writtenDay(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 60) return undefined;
  const mail = mailDate.exec(value.trim());
  if (!mail) return calendarDay(/^\d{4}-\d{1,2}-\d{1,2}(?=$|[T ])/.exec(value.trim())?.[0]);
  const month = months.indexOf(mail[2]!.toLowerCase()) + 1;
  return month === 0 ? undefined : calendarDay(`${mail[3]}-${month}-${mail[1]}`);
}

const mailDate =
  /^(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+\d{2}:\d{2}(?::\d{2})?\s*(?:[+-]\d{4}|[A-Z]{1,4})?$/;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const dayStart = (day: string | undefined): Date | undefined =>
  day === undefined ? undefined : new Date(`${day}T00:00:00Z`);
