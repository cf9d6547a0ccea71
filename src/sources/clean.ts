import { decode } from 'html-entities';

import { abstractCharactersMax, summaryCharactersMax, titleCharactersMax } from '../domain/paper.ts';
import { texToUnicode } from './tex.ts';

/** A title on one line of plain text, at most `titleCharactersMax` long; '' when nothing visible is left. */
export function cleanTitle(text: string): string {
  return clean(text, titleCharactersMax);
}

/** An abstract as one paragraph: its hard line breaks and paragraph breaks become spaces. */
export function cleanAbstract(text: string): string {
  return clean(text, abstractCharactersMax);
}

export function cleanSummary(text: string): string {
  return clean(text, summaryCharactersMax);
}

/** A name of a person, an organisation, a keyword. A lone ":" (arXiv's mark between a team and its people) is none. */
export function cleanName(text: string): string {
  const name = clean(text, nameCharactersMax);
  return /[\p{L}\p{N}]/u.test(name) ? name : '';
}

export const nameCharactersMax = 120;

/**
 * Plain text from what a source gave: entities decoded, LaTeX made readable, one line, NFC, at most `charactersMax`.
 * Markup (`<answer>`) stays: it is text here, and whoever renders it escapes it.
 *
 * Cleaning twice changes nothing. Decoding can uncover more to decode (`&amp;lt;`), so the step is taken until it
 * rests; a text that does not rest is a puzzle and loses the characters that make it one.
 */
export function clean(text: string, charactersMax: number): string {
  // Nothing below ever sees more than this: no regular expression runs over megabytes.
  let current = cut(text, charactersMax * 2 + 1000, '');
  for (let round = 0; round < roundsMax; round += 1) {
    const next = step(current, charactersMax);
    if (next === current) return current;
    current = next;
  }
  current = current.replaceAll(/[\\$&{}`^_]/g, '');
  for (let round = 0; round < roundsMax; round += 1) {
    const next = plain(current, charactersMax);
    if (next === current) break;
    current = next;
  }
  return current;
}

const roundsMax = 12;

function step(text: string, charactersMax: number): string {
  const decoded = text.includes('&') ? decode(text, { level: 'html5', scope: 'strict' }) : text;
  return plain(texToUnicode(visible(decoded)), charactersMax);
}

function plain(text: string, charactersMax: number): string {
  return cut(visible(text).normalize('NFC'), charactersMax, '…');
}

/**
 * Only what can be seen, on one line: no control or format characters (bidi overrides, zero width, soft hyphens),
 * no private use (the renderer's holes live there), no lone surrogates, no towers of accents.
 */
function visible(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replaceAll(/(\p{M}{4})\p{M}+/gu, '$1')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}

/** At most `charactersMax` UTF-16 units, cut at a word where one is near, never inside a surrogate pair. */
function cut(text: string, charactersMax: number, mark: string): string {
  if (text.length <= charactersMax) return text;
  let kept = text.slice(0, charactersMax - mark.length);
  if (/[\uD800-\uDBFF]$/.test(kept)) kept = kept.slice(0, -1);
  if (mark === '') return kept;
  const space = kept.lastIndexOf(' ');
  return (space > 0 && space > kept.length - 40 ? kept.slice(0, space) : kept).trimEnd() + mark;
}
