import { renderWhy, renderWhyRest } from '../render/fragments.ts';
import { isPlainPair } from '../render/lines.ts';
import type { Part, Section, Shelf } from './fragment-shelf.ts';
import type { ChosenReason } from './selection.ts';

/**
 * The fragments of lines that say why a paper is here. A line of two topics is a fragment for each of them wherever that
 * makes the same text: two thousand topics make two million pairs, and with a fragment for each pair nearly every digest of
 * a small edition needed one that nobody had made.
 */
export interface WhyLines {
  of(reasons: readonly ChosenReason[], isFeatured: boolean): { why: Part; whyRest: Part | undefined };
}

export function openWhyLines(shelf: Shelf): WhyLines {
  const [whole, featured, rests] = [shelf.section(), shelf.section(), shelf.section()];
  return {
    of(reasons, isFeatured) {
      const [first, second] = reasons;
      if (isFeatured || !first || !second || !isPlainPair(first, second)) {
        const lines = isFeatured ? featured : whole;
        return { why: wholeLine(lines, reasons, isFeatured), whyRest: undefined };
      }
      return {
        why: wholeLine(whole, [first.inTitle ? { ...first, inTitle: false } : first], false),
        whyRest: rest(rests, second, first.inTitle && second.inTitle),
      };
    },
  };
}

function wholeLine(lines: Section, reasons: readonly ChosenReason[], isFeatured: boolean): Part {
  const key = keyOf(reasons);
  const known = lines.find(key);
  if (known) return known;
  let name = isFeatured ? 'featured' : 'why';
  // No name holds a zero byte: Postgres takes none.
  for (const reason of reasons) {
    name += `\0${reason.liked ? 'liked' : reason.inTitle ? 'title' : 'text'} ${reason.name}`;
  }
  return lines.put(key, name, () => renderWhy(reasons, isFeatured));
}

function rest(rests: Section, second: ChosenReason, isInTitle: boolean): Part {
  const key = second.topicId * 2 + (isInTitle ? 1 : 0);
  return (
    rests.find(key) ??
    rests.put(key, `why rest ${isInTitle} ${second.name}`, () => renderWhyRest(second.name, isInTitle))
  );
}

/** Tells reasons from others: by a number where they are topics with usual ids, since that is quickly made and found. */
function keyOf([first, second]: readonly ChosenReason[]): number | string {
  if (!first) return 0;
  // A small number where it can be: larger ones are made and found more slowly.
  const numbers = second ? numberOf(first) * reasonNumberMax + numberOf(second) : numberOf(first);
  if (numbers <= Number.MAX_SAFE_INTEGER) return numbers;
  return [first, second]
    .map((reason) => reason && `${reason.liked} ${reason.inTitle} ${reason.name}`)
    .join('\0');
}

/** Infinity for what is no stored topic, or one of an id beyond thirty millions. */
function numberOf({ topicId, inTitle, liked }: ChosenReason): number {
  const number = topicId * 2 + (inTitle ? 1 : 0) + 1;
  return liked || topicId < 0 || number >= reasonNumberMax ? Infinity : number;
}
const reasonNumberMax = 2 ** 26;
