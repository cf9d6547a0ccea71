import { weekdayOf } from '../domain/weekdays.ts';
import { months } from '../render/meta.ts';

export { sourceName } from '../domain/source-name.ts';
export { weekdayNames, weekdayOf } from '../domain/weekdays.ts';

/** "Friday, 12 December"; with the year where it is not `thisYear`'s. */
export function longDate(date: string, today = date): string {
  const day = new Date(`${date}T00:00:00Z`);
  const year = date.slice(0, 4) === today.slice(0, 4) ? '' : ` ${date.slice(0, 4)}`;
  return `${weekdayOf(date)}, ${day.getUTCDate()} ${months[day.getUTCMonth()]}${year}`;
}

/** "16 March". */
export function shortDate(date: string): string {
  return `${Number(date.slice(8))} ${months[Number(date.slice(5, 7)) - 1]}`;
}

/** The hour and minute of an instant in a zone: "07:00". */
export function clockTime(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
  return format.format(at);
}

/** A moment for operators: "20 Nov, 06:12 UTC". */
export function moment(at: Date): string {
  const month = months[at.getUTCMonth()]!.slice(0, 3);
  return `${at.getUTCDate()} ${month}, ${at.toISOString().slice(11, 16)} UTC`;
}

/** "in Paris", "UTC". */
export function placeOf(timeZone: string): string {
  if (/^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich)$/.test(timeZone)) return 'UTC';
  const city = timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return timeZone.startsWith('Etc/') || !timeZone.includes('/') ? `${city} time` : `in ${city}`;
}

/** "1 paper", "5 papers". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : `${noun}s`}`;
}
