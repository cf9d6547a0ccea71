import { cutAtWord } from './clean.ts';

/**
 * The first sentences of a text: two or three, at most `charactersMax` characters, cut at a sentence's end.
 * When not even one fits, or what fits says too little, it is cut at a word with an ellipsis.
 */
export function firstSentences(text: string, charactersMax: number): string {
  const whole = text.replace(/\s+/g, ' ').trim();
  const ends = sentenceEnds(whole).slice(0, sentencesMax);
  const fitting = ends.filter((end) => whole.slice(0, end).length <= charactersMax);
  const end = fitting.at(-1) ?? 0;
  const more = end < whole.length;
  if (!more || end >= Math.min(charactersMin, charactersMax / 3) || fitting.length === sentencesMax) {
    return whole.slice(0, end).trim();
  }
  return cutAtWord(whole, charactersMax);
}

/** The offsets just after each sentence, the last of them the text's length. */
export function sentenceEnds(text: string): number[] {
  const ends: number[] = [];
  for (const found of text.matchAll(boundary)) {
    const mark = found.index;
    const end = mark + found[0].trimEnd().length;
    if (!isEnd(text, mark, end)) continue;
    ends.push(end);
  }
  if (text.length > 0 && ends.at(-1) !== text.length) ends.push(text.length);
  return ends;
}

const sentencesMax = 3;

/** Fewer characters than this are not worth a card ("We present X."): better a third sentence cut short. */
const charactersMin = 90;

/** A full stop and what closes with it, then a space or the end; in Chinese and Japanese no space follows. */
const boundary = /(?:[.!?…]+["”’')\]]*(?=\s|$))|(?:[。！？]+["”’」』）]*)/gu;

/** Words after which a full stop ends no sentence. */
const abbreviations = new Set(
  (
    'e.g i.e etc al cf vs fig figs eq eqs sec secs no nos vol dr prof mr mrs ms st resp approx ca w.r.t s.t a.k.a ' +
    'i.i.d inc ltd ref refs tab thm lem prop def app ch pp p ed eds jan feb mar apr jun jul aug sep sept oct nov dec'
  ).split(' '),
);

function isEnd(text: string, mark: number, end: number): boolean {
  if (end >= text.length) return true;
  if (text[mark] !== '.') return text[mark] === '…' ? startsSentence(text, end) : true;
  const word = /[\p{L}\p{N}.'’-]*$/u.exec(text.slice(Math.max(0, mark - 40), mark))![0];
  const bare = word.toLowerCase();
  // "etc." and "al." may end a sentence, but a wrong cut reads worse than a long sentence.
  if (abbreviations.has(bare)) return false;
  // An initial: "J. Doe". A lone "I" or a digit is left to end its sentence.
  if (/^\p{Lu}$/u.test(word) && word !== 'I') return false;
  return startsSentence(text, end);
}

/** What follows must look like a beginning: no lower-case letter, and no comma or the like. */
function startsSentence(text: string, end: number): boolean {
  return /^\s+["“‘'([]*[\p{Lu}\p{Lo}\p{Lt}\p{N}$\\]/u.test(text.slice(end, end + 8));
}
