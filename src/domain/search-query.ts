import { findArxivSubject } from './arxiv-categories.ts';
import { addDays } from './cadence.ts';
import { daysOfMonth, isDate } from './calendar.ts';

/**
 * What somebody looks for, in the words of the search box: `diffusion "world model" -image author:"Kaiming He"
 * org:Apple category:cs.RO topic:robotics after:2025-11 before:2026`. All of it must hold.
 */
export interface SearchQuery {
  /** Words, in order; a minus leaves out. */
  terms: readonly SearchTerm[];
  /** Parts of names. */
  authors: readonly string[];
  organizations: readonly string[];
  /** arXiv's, or its archives: `cs.RO`, `math`. */
  categories: readonly string[];
  /** Slugs or names. */
  topics: readonly string[];
  /** The first day on which a paper may have been listed. */
  after: string | undefined;
  /** The first day on which it may no longer have been. */
  before: string | undefined;
  /** What was not understood, each a sentence. */
  faults: readonly string[];
}

export interface SearchTerm {
  text: string;
  isPhrase: boolean;
  isLeftOut: boolean;
}

export const queryCharactersMax = 300;
const partsMax = 30;

/** Reads a query. It never fails: what makes no sense is looked for as words, or named in `faults`. */
export function parseSearch(text: string): SearchQuery {
  const query = {
    terms: [] as SearchTerm[],
    authors: [] as string[],
    organizations: [] as string[],
    categories: [] as string[],
    topics: [] as string[],
    after: undefined as string | undefined,
    before: undefined as string | undefined,
    faults: [] as string[],
  };
  const lists = { author: query.authors, org: query.organizations, topic: query.topics };
  for (const part of splitParts(text)) {
    const { field, value, isPhrase, isLeftOut } = part;
    if (value === '') continue;
    if (field === undefined) query.terms.push({ text: value, isPhrase, isLeftOut });
    else if (field === 'after' || field === 'before') {
      const day = firstDayOf(value);
      if (day === undefined)
        query.faults.push(`“${value}” is no date; write ${field}:2026-03-20, 2026-03 or 2026.`);
      else query[field] = day;
    } else if (field === 'category') {
      const category = findArxivSubject(value);
      if (category === undefined)
        query.faults.push(`“${value}” is no category of arXiv; write category:cs.RO.`);
      else if (!query.categories.includes(category)) query.categories.push(category);
    } else if (!lists[field].includes(value)) lists[field].push(value);
  }
  return query;
}

/** The query as it would be typed; reading it gives the same query again. */
export function formatSearch(query: SearchQuery): string {
  const named = (field: string, values: readonly string[]) =>
    values.map((value) => `${field}:${/\s/.test(value) ? `"${value}"` : value}`);
  return [
    ...query.terms.map(formatTerm),
    ...named('author', query.authors),
    ...named('org', query.organizations),
    ...named('category', query.categories),
    ...named('topic', query.topics),
    ...(query.after ? [`after:${query.after}`] : []),
    ...(query.before ? [`before:${query.before}`] : []),
  ].join(' ');
}

/** The words and phrases alone, in the form of a topic that can be followed; empty when there are none. */
export function wordsOf(query: SearchQuery): string {
  return query.terms.map(formatTerm).join(' ');
}

/** Whether anything is looked for at all. */
export function isEmptySearch(query: SearchQuery): boolean {
  const { terms, authors, organizations, categories, topics, after, before } = query;
  return (
    [terms, authors, organizations, categories, topics].every((list) => list.length === 0) &&
    !after &&
    !before
  );
}

type Field = 'author' | 'org' | 'category' | 'topic' | 'after' | 'before';

interface Part {
  field: Field | undefined;
  value: string;
  isPhrase: boolean;
  isLeftOut: boolean;
}

/** `field:value`, `field:"a value"`, `"a phrase"`, `-word`, `-"a phrase"`, `word`: split at spaces outside quotes. */
function splitParts(text: string): Part[] {
  const levelled = text
    .slice(0, queryCharactersMax * 4)
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll(/[\p{C}\s]+/gu, ' ');
  const shape = /(?:(author|org|category|topic|after|before): ?)?(-?)(?:"([^"]*)"?|([^\s"]+))/gi;
  const parts: Part[] = [];
  for (const [, name, minus, quoted, bare] of levelled.slice(0, queryCharactersMax).matchAll(shape)) {
    const field = name?.toLowerCase() as Field | undefined;
    const value = quoted ?? bare ?? '';
    // After a field's colon a minus belongs to the value: dates have them, and so have names.
    if (field !== undefined) {
      parts.push({ field, value: tidy(minus + value), isPhrase: false, isLeftOut: false });
      continue;
    }
    const words = plainWords(value);
    const isLeftOut = minus === '-';
    if (quoted !== undefined) {
      parts.push({ field, value: words.join(' '), isPhrase: words.length > 1, isLeftOut });
    } else for (const word of words) parts.push({ field, value: word, isPhrase: false, isLeftOut });
  }
  return parts.slice(0, partsMax);
}

function tidy(value: string): string {
  return value.replaceAll(/\s+/g, ' ').trim();
}

/** Colons, and minuses in front of words, would be read as something else the next time. */
function plainWords(value: string): string[] {
  return value
    .split(/[:\s]+/)
    .map((word) => word.replace(/^-+/, ''))
    .filter((word) => word !== '');
}

function formatTerm({ text, isPhrase, isLeftOut }: SearchTerm): string {
  return `${isLeftOut ? '-' : ''}${isPhrase ? `"${text}"` : text}`;
}

/** `2026`, `2026-03` and `2026-03-20` by their first day. */
function firstDayOf(text: string): string | undefined {
  if (/^\d{4}$/.test(text)) return isDate(`${text}-01-01`) ? `${text}-01-01` : undefined;
  if (/^\d{4}-\d{2}$/.test(text)) return daysOfMonth(text)?.from;
  return isDate(text) ? addDays(text, 0) : undefined;
}
