import { authorsMax } from '../domain/paper.ts';
import { cleanName } from './clean.ts';

/**
 * Single fields of records that strangers wrote. Each takes anything and gives a value to store, or undefined:
 * a field that makes no sense is left out, and only what a paper cannot do without rejects its record.
 */

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own members only: `__proto__` in a file is a name like any other. */
export function field(record: Fields, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A count from 0 to 2³¹-1, also when written as digits; negative, broken and infinite ones are no count. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number >= 0 && number <= countMax ? number : undefined;
}
const countMax = 2_147_483_647;

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

/** An https link without credentials, as the URL parser writes it; all others are left out (RULES 25). */
export function httpsLink(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > linkCharactersMax || !/^https:\/\//i.test(value.trim()))
    return undefined;
  const trimmed = value.trim();
  if (/[\p{C}\s"<>\\^`{|}]/u.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return hostPattern.test(url.hostname) && url.href.length <= linkCharactersMax ? url.href : undefined;
}
const linkCharactersMax = 500;
/** A name with a dot and letters in its last part: no bare hosts, no addresses. */
const hostPattern = /^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*[a-z0-9]$/i;

/** A picture, when its host is one that mail may load from (RULES 25). */
export function pictureLink(value: unknown): string | undefined {
  const link = httpsLink(value);
  return link !== undefined && pictureHosts.has(new URL(link).host) ? link : undefined;
}
const pictureHosts = new Set([
  'cdn-thumbnails.huggingface.co',
  'cdn-uploads.huggingface.co',
  'huggingface.co',
]);

/** Clean names without repetition, at most `max`; undefined when the value is no list. */
export function names(value: unknown, max: number): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const kept = new Set<string>();
  for (const entry of value.slice(0, max * 4)) {
    const name = typeof entry === 'string' ? cleanName(entry) : '';
    if (name !== '') kept.add(name);
    if (kept.size === max) break;
  }
  return [...kept];
}

/** Authors as strings or `{name, hidden}` objects; hidden ones are not printed. The count has all that may be named. */
export function authors(value: unknown): { authors?: string[]; authorsCount?: number } {
  if (!Array.isArray(value)) return {};
  const kept: string[] = [];
  let counted = 0;
  for (const entry of value.slice(0, authorsLookedAtMax)) {
    if (isObject(entry) && field(entry, 'hidden') === true) continue;
    const raw = isObject(entry) ? field(entry, 'name') : entry;
    if (typeof raw !== 'string') continue;
    // Cleaning a few thousand names nobody will print would be work for nothing.
    const name = kept.length < authorsMax ? cleanName(raw) : raw;
    if (name === '') continue;
    counted += 1;
    if (kept.length < authorsMax) kept.push(name);
  }
  return { authors: kept, authorsCount: counted };
}
const authorsLookedAtMax = 20_000;

export const keywordsMax = 50;
export const categoriesMax = 20;
/** A real title has a few hundred characters; what is longer than this is not cut but refused. */
export const titleCharactersTaken = 4000;
