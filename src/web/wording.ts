import { weekdayPlace } from '../domain/weekdays.ts';
import { words } from '../words/words.ts';

const { dates, places, sources } = words;

/** "Friday, 12 December"; with the year where it is not `thisYear`'s. */
export function longDate(date: string, today = date): string {
  const year = date.slice(0, 4) === today.slice(0, 4) ? undefined : Number(date.slice(0, 4));
  return dates.weekday(
    weekdayPlace(date),
    dates.day(Number(date.slice(8)), Number(date.slice(5, 7)) - 1, year),
  );
}

/** "16 March". */
export function shortDate(date: string): string {
  return dates.day(Number(date.slice(8)), Number(date.slice(5, 7)) - 1);
}

export function weekdayOf(date: string): string {
  return dates.weekdays[weekdayPlace(date)]!;
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
  const month = dates.months[at.getUTCMonth()]!.slice(0, 3);
  return `${at.getUTCDate()} ${month}, ${at.toISOString().slice(11, 16)} UTC`;
}

/** "in Paris", "UTC". */
export function placeOf(timeZone: string): string {
  if (/^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich)$/.test(timeZone)) return 'UTC';
  const city = timeZone.slice(timeZone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return timeZone.startsWith('Etc/') || !timeZone.includes('/') ? places.zone(city) : places.city(city);
}

/** A source as readers know it. */
export function sourceName(source: string): string {
  if (source.startsWith('arxiv')) return sources.arxiv;
  return source in sources ? sources[source as keyof typeof sources] : source;
}

/** "1 paper", "5 papers". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : `${noun}s`}`;
}
