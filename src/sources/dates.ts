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

const dayStart = (day: string | undefined): Date | undefined =>
  day === undefined ? undefined : new Date(`${day}T00:00:00Z`);
