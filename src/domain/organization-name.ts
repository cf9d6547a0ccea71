import { fold, withoutUmlauts } from './fold.ts';

/**
 * An organisation's name as words that compare: `GoogleDeepMind` and `Google DeepMind` have the same ones, and so have
 * `ETH Zürich` and `ETH Zurich`.
 */
export function wordsOfOrganization(name: string): string[] {
  const parted = name.replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').replaceAll('&', ' and ');
  return fold(parted)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => withoutUmlauts(word)[0]!);
}

/** As definitions have it: `deepmind`, whatever its capitals. */
export function foldOrganization(name: string): string {
  return withoutUmlauts(fold(name.replaceAll('&', ' and ')))[0]!;
}

/** Whether a name says more than "a research laboratory". */
export function isTellingOrganization(name: string): boolean {
  return wordsOfOrganization(name).some((word) => word.length > 1 && !everyones.has(word));
}

/**
 * Whether a paper's organisation is the one looked for, or a part of it, both as words: its own stand in the paper's, side by side and
 * whole. `Google` finds Google DeepMind, `Apple` does not find Pineapple Labs, and `University of Hong Kong` does not
 * find the Chinese University of Hong Kong: in front of a bare kind of house another word makes it another house.
 */
export function isOrganization(wanted: readonly string[], found: readonly string[]): boolean {
  const sought = wanted[0] === 'the' ? wanted.slice(1) : wanted;
  const target = sought.join('');
  for (let start = 0; start < found.length; start += 1) {
    if (start > 0 && houses.has(sought[0] ?? '') && !links.has(found[start - 1]!)) continue;
    let run = '';
    for (let end = start; end < found.length && run.length < target.length; end += 1) run += found[end];
    if (run === target && target !== '') return true;
  }
  return false;
}

const houses: ReadonlySet<string> = new Set(
  'academy college institute school universite university'.split(' '),
);
/** Words after which a house's own name begins. */
const links: ReadonlySet<string> = new Set('and at by for from lab of team the with'.split(' '));
const everyones: ReadonlySet<string> = new Set(
  `academy ai and at center centre college company corp for foundation group inc institute lab laboratory labs ltd ml nlp
  of open research school science sciences team technologies technology the university`.split(/\s+/),
);
