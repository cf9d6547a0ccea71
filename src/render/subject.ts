import { words } from '../words/words.ts';
import { clean, cutAtWord, lengthOf } from './clean.ts';

/**
 * The subject of a digest, at most `subjectCharactersMax` characters: the lead paper's title and how many more there are.
 * A title that does not fit gives way to its name before the colon ("STARFlow-V …, and 6 more"), and one without
 * a short name is cut at a word. `first` stands before it.
 */
export function subjectLine(title: string, more: number, first = ''): string {
  const whole = clean(title) || words.digest.todaysPapers;
  const rest = more > 0 ? words.digest.andMore(more) : '';
  const room = subjectCharactersMax - rest.length - first.length;
  if (lengthOf(whole) <= room) return `${first}${whole}${rest}`;
  const name = nameBeforeColon(whole);
  if (name) return `${first}${name} …${rest}`;
  return `${first}${cutAtWord(whole, room - 1).replace(/…$/u, ' …')}${rest}`;
}

/** What inboxes show, and what RFC 5322 section 2.1.1 asks of a line. */
export const subjectCharactersMax = 78;

function nameBeforeColon(title: string): string | undefined {
  const colon = title.search(/[:：]/u);
  const name = title.slice(0, Math.max(0, colon)).trim();
  return name.length >= 2 && lengthOf(name) <= nameCharactersMax ? name : undefined;
}

const nameCharactersMax = 40;
