import { words } from '../words/words.ts';
import { clean, cutAtWord, lengthOf } from './clean.ts';

/**
 * The subject of a digest, at most `subjectCharactersMax` characters: the lead paper's title and how many more there are.
 * A title that does not fit is cut at a word's end, with as much of it as there is room for: its name before the colon
 * alone ("SEED …") would tell nobody what it is about. `first` stands before it.
 */
export function subjectLine(title: string, more: number, first = ''): string {
  const whole = clean(title) || words.digest.todaysPapers;
  const rest = more > 0 ? words.digest.andMore(more) : '';
  const room = subjectCharactersMax - rest.length - first.length;
  if (lengthOf(whole) <= room) return `${first}${whole}${rest}`;
  return `${first}${cutAtWord(whole, room - 1).replace(/…$/u, ' …')}${rest}`;
}

/** What inboxes show, and what RFC 5322 section 2.1.1 asks of a line. */
export const subjectCharactersMax = 78;
