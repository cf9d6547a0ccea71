import { authorsMax } from '../domain/paper.ts';
import { cleanName } from './clean.ts';

/**
 * The names in one string of authors: in feeds `Ada Lovelace (Univ. X, London), {\'E}. Noether`, in records also as
 * `prose`, with an "and" before the last. Commas in brackets and braces belong to affiliations and to TeX, not to the list; affiliations are left
 * out. A name may be preceded by two spaces, where arXiv knows no forename, and `Jr.` belongs to the name before it.
 */
export function splitAuthors(text: string, style: 'list' | 'prose' = 'list'): string[] {
  const parts = cutAtCommas(text.slice(0, textCharactersMax)).flatMap((part) =>
    style === 'prose' ? part.split(/(?:^|\s)and\s+(?=[\p{Lu}\p{Lo}\\{])/u) : part,
  );
  const names: string[] = [];
  for (const given of parts) {
    const part = given.replaceAll(/\s+/g, ' ').trim();
    if (suffix.test(part) && names.length > 0) names[names.length - 1] += ` ${part}`;
    else if (part !== '') names.push(part);
  }
  return names;
}

const textCharactersMax = 200_000;
const suffix = /^(?:Jr|Sr|II|III|IV)\.?$/;

/** The parts outside of brackets, which themselves are dropped. A bracket that never closes is a character like others. */
function cutAtCommas(text: string): string[] {
  const plain = dropBrackets(text);
  const parts: string[] = [];
  const lastBrace = plain.lastIndexOf('}');
  let [braces, start] = [0, 0];
  for (let at = 0; at < plain.length; at += 1) {
    const mark = plain[at];
    if (mark === '\\') at += 1;
    else if (mark === '{') braces += 1;
    else if (mark === '}') braces = Math.max(0, braces - 1);
    else if (mark === ',' || mark === ';') {
      if (braces > 0 && at < lastBrace) continue;
      parts.push(plain.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(plain.slice(start));
  return parts;
}

/** One pass: `(…)` with what it nests. What is open at the end stays, so that no name is lost to a typing error. */
function dropBrackets(text: string): string {
  const kept: string[] = [];
  const open: number[] = [];
  for (const mark of text) {
    if (mark === '(') open.push(kept.length);
    if (mark === ')' && open.length > 0) {
      kept.length = open.pop()!;
      kept.push(' ');
    } else kept.push(mark);
  }
  return kept.join('');
}

/** Names as a record keeps them: clean, at most `authorsMax`, with the true number beside them. */
export function listAuthors(names: readonly string[]): { authors: string[]; authorsCount: number } {
  const authors: string[] = [];
  let authorsCount = 0;
  for (const name of names) {
    // Cleaning a few thousand names nobody will print would be work for nothing.
    const clean = authors.length < authorsMax ? cleanName(name) : name;
    if (clean === '') continue;
    authorsCount += 1;
    if (authors.length < authorsMax) authors.push(clean);
  }
  return { authors, authorsCount };
}
