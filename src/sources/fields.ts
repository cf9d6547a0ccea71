import { authorsMax } from '../domain/paper.ts';
import { cleanName, cleanTitle } from './clean.ts';

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

/** A title to print, or why the record has none. */
export function readTitle(value: unknown): string | { fault: string } {
  if (value === undefined || value === null) return { fault: 'has no title' };
  if (typeof value !== 'string') return { fault: `its title is ${describe(value)}, not text` };
  if (value.length > titleCharactersTaken) {
    return { fault: `its title has ${value.length} characters; at most ${titleCharactersTaken} are taken` };
  }
  const title = cleanTitle(value);
  return /[\p{L}\p{N}]/u.test(title) ? title : { fault: 'its title is empty' };
}
/** A real title has a few hundred characters; what is longer than this is not cut but refused. */
const titleCharactersTaken = 4000;

/** What a value is, in words. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value === undefined ? 'absent' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/** A value shown in a reason: short, on one line, without anything invisible. */
export function quote(value: unknown, charactersMax = 60): string {
  if (typeof value !== 'string') return `(${describe(value)})`;
  return `"${cleanName(value.slice(0, charactersMax)) || 'nothing visible'}"`;
}
