import type { Query } from './query.ts';
import { findTerm, type PaperTerms, type Vocabulary, type Zone, zones } from './terms.ts';

/**
 * How often a paper says what a query looks for, weighted by where: in the title it counts three times, in a long
 * abstract less than in a short one. `inTitle` where its title alone meets the query.
 */
export interface Meeting {
  frequency: number;
  inTitle: boolean;
}

const titleWeight = 3;
const keywordsWeight = 1.5;
/** An abstract of this many words counts in full; the constant part keeps short ones from ruling. */
const usualBodyWords = 110;
/** Words that a query asks for together count in full side by side, and this much where they stand apart. */
const apartWeight = 0.4;

/** The same query with the vocabulary's numbers, ready to be held against many papers; undefined where none can meet it. */
export function meetingWith(
  query: Query,
  vocabulary: Vocabulary,
): ((paper: PaperTerms) => Meeting | undefined) | undefined {
  switch (query.kind) {
    case 'phrase': {
      const ids = query.words.map(({ stem }) => vocabulary.find(stem));
      if (ids.some((id) => id === undefined)) return undefined;
      const offsets = query.words.map(({ offset }) => offset);
      return (paper) => meetPhrase(paper, ids as number[], offsets);
    }
    case 'or': {
      const parts = query.parts
        .map((part) => meetingWith(part, vocabulary))
        .filter((part) => part !== undefined);
      return parts.length === 0 ? undefined : (paper) => meetAny(paper, parts);
    }
    case 'and':
      return meetingWithAll(query.parts, vocabulary);
    case 'not': {
      const part = meetingWith(query.part, vocabulary);
      return (paper) => (part?.(paper) ? undefined : { frequency: 0, inTitle: true });
    }
  }
}

type Meets = (paper: PaperTerms) => Meeting | undefined;

function meetAny(paper: PaperTerms, parts: readonly Meets[]): Meeting | undefined {
  let best: Meeting | undefined;
  for (const part of parts) {
    const met = part(paper);
    if (!met) continue;
    const { frequency = 0, inTitle = false } = best ?? {};
    best = { frequency: frequency + met.frequency, inTitle: inTitle || met.inTitle };
  }
  return best;
}

/** All parts at once, as often as the rarest; single words side by side count in full, apart they count less. */
function meetingWithAll(parts: readonly Query[], vocabulary: Vocabulary): Meets | undefined {
  const each = parts.map((part) => meetingWith(part, vocabulary));
  if (each.some((part) => part === undefined)) return undefined;
  const positive = parts.filter((part) => part.kind !== 'not');
  const words = positive.flatMap((part) =>
    part.kind === 'phrase' && part.words.length === 1 ? part.words : [],
  );
  const row =
    words.length > 1 && words.length === positive.length
      ? meetingWith(
          { kind: 'phrase', words: words.map(({ stem }, offset) => ({ stem, offset })) },
          vocabulary,
        )
      : undefined;
  const isNegative = parts.map((part) => part.kind === 'not');
  return (paper) => {
    let [least, inTitle] = [Infinity, true];
    for (const [n, part] of each.entries()) {
      const met = part!(paper);
      if (!met) return undefined;
      if (isNegative[n]) continue;
      least = Math.min(least, met.frequency);
      inTitle &&= met.inTitle;
    }
    if (least === Infinity) return undefined;
    if (!row) return { frequency: least, inTitle };
    const together = row(paper)?.frequency ?? 0;
    return { frequency: together + apartWeight * Math.max(0, least - together), inTitle };
  };
}

/** The places where all words of a phrase stand at their distances, in one zone. */
function meetPhrase(
  paper: PaperTerms,
  ids: readonly number[],
  offsets: readonly number[],
): Meeting | undefined {
  const found: number[] = [];
  for (const id of ids) {
    const at = findTerm(paper, id);
    if (at < 0) return undefined;
    found.push(at);
  }
  const counts: [number, number, number] = [0, 0, 0];
  const { starts, places } = paper;
  for (let n = starts[found[0]!]!; n < starts[found[0]! + 1]!; n++) {
    const place = places[n]!;
    let isWhole = true;
    for (let word = 1; word < ids.length && isWhole; word++) {
      isWhole = stands(paper, found[word]!, place + 4 * offsets[word]!);
    }
    if (isWhole) counts[(place % 4) as Zone]++;
  }
  const [title, keywords, body] = [counts[zones.title], counts[zones.keywords], counts[zones.body]];
  if (title + keywords + body === 0) return undefined;
  const frequency =
    titleWeight * title + keywordsWeight * keywords + body / (0.5 + (0.5 * paper.bodyWords) / usualBodyWords);
  return { frequency, inTitle: title > 0 };
}

function stands({ starts, places }: PaperTerms, term: number, place: number): boolean {
  for (let n = starts[term]!; n < starts[term + 1]!; n++) if (places[n] === place) return true;
  return false;
}
