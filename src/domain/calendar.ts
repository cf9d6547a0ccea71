import { addDays } from './cadence.ts';

/** A stretch of days, both ends included, `YYYY-MM-DD`. */
export interface Days {
  from: string;
  to: string;
}

/** Years that the archive's addresses may have: arXiv began in 1991. */
const years = { first: 1990, last: 2999 } as const;

/** A calendar date as the archive's addresses have them. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isYear(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The ISO 8601 week of a date: `2026-W12`. Its year is that of its Thursday. */
export function weekOf(date: string): string {
  const thursday = addDays(mondayOf(date), 3);
  const firstThursday = addDays(mondayOf(`${thursday.slice(0, 4)}-01-04`), 3);
  const week = Math.round((Date.parse(thursday) - Date.parse(firstThursday)) / weekMs) + 1;
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

/** The days of `2026-W12`; undefined for what is no week. */
export function daysOfWeek(week: string): Days | undefined {
  const found = /^(\d{4})-W(\d{2})$/.exec(week);
  if (!found || !isYear(week)) return undefined;
  const from = addDays(mondayOf(`${found[1]}-01-04`), (Number(found[2]) - 1) * 7);
  // Week 0, or a week 53 that the year does not have, is another week's name.
  return weekOf(from) === week ? { from, to: addDays(from, 6) } : undefined;
}

/** The days of `2026-03`; undefined for what is no month. */
export function daysOfMonth(month: string): Days | undefined {
  if (!/^\d{4}-\d{2}$/.test(month) || !isDate(`${month}-01`)) return undefined;
  const from = `${month}-01`;
  return { from, to: addDays(`${addDays(from, 31).slice(0, 7)}-01`, -1) };
}

export function monthOf(date: string): string {
  return date.slice(0, 7);
}

function mondayOf(date: string): string {
  return addDays(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7));
}

function isYear(text: string): boolean {
  const year = Number(text.slice(0, 4));
  return year >= years.first && year <= years.last;
}

const weekMs = 7 * 86_400_000;
