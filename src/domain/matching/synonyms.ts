import groups from '../../synonyms.json' with { type: 'json' };

/**
 * Other ways to write the same: "RL" is looked for as "reinforcement learning" too, and the other way round. They are
 * kept in `src/synonyms.json`, a group a line, in lower case and without hyphens.
 */
const spellings = new Map<string, readonly string[]>(
  groups.flatMap((group) => group.map((text) => [text, group.filter((other) => other !== text)] as const)),
);
const wordsMax = Math.max(...[...spellings.keys()].map((text) => text.split(' ').length));
const variantsMax = 8;

/**
 * One alternative of a definition in all its spellings, as it was given first: `rl agents` gives
 * `"reinforcement learning" agents` besides. What is to be left out (`-llm`) stays as it is.
 */
export function spellingsOf(alternative: string): string[] {
  let variants = [alternative];
  for (const { from, to, others } of occurrences(alternative).toReversed()) {
    const isQuoted = isInsideQuotes(alternative, from);
    const texts = [alternative.slice(from, to), ...others.map((text) => (isQuoted ? text : `"${text}"`))];
    variants = variants.flatMap((variant) =>
      texts.map((text) => variant.slice(0, from) + text + variant.slice(to)),
    );
    if (variants.length > variantsMax) break;
  }
  return variants.slice(0, variantsMax);
}

interface Occurrence {
  from: number;
  to: number;
  others: readonly string[];
}

/** The longest known spellings, from the left, not overlapping; plurals count (`LLMs`). */
function occurrences(text: string): Occurrence[] {
  const words = [...text.matchAll(/(?<![-\p{L}\p{N}])[\p{L}\p{N}]+(?![-\p{L}\p{N}])/gu)].filter(
    (word) => !isLeftOut(text, word.index),
  );
  const found: Occurrence[] = [];
  for (let at = 0; at < words.length; at++) {
    for (let count = Math.min(wordsMax, words.length - at); count > 0; count--) {
      const run = words.slice(at, at + count);
      if (run.some((word, n) => n > 0 && text.slice(endOf(run[n - 1]!), word.index) !== ' ')) continue;
      const spelled = run.map(([word]) => word).join(' ');
      const others = spellings.get(spelled) ?? spellings.get(spelled.replace(/s$/, ''));
      if (!others) continue;
      found.push({ from: run[0]!.index, to: endOf(run.at(-1)!), others });
      at += count - 1;
      break;
    }
  }
  return found;
}

const endOf = (word: RegExpExecArray): number => word.index + word[0].length;

function isInsideQuotes(text: string, at: number): boolean {
  return (text.slice(0, at).match(/"/g)?.length ?? 0) % 2 === 1;
}

/** Whether a word is of something to be left out: `-word` or `-"some words"`. */
function isLeftOut(text: string, at: number): boolean {
  const start = isInsideQuotes(text, at) ? text.lastIndexOf('"', at) : at;
  return text[start - 1] === '-';
}
