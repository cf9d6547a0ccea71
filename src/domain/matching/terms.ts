/**
 * A paper's text as numbers: which word stems it has, where, and how often. Postgres parts and stems the words (its
 * `tsvector` as text is what comes in), so that what is matched here is what its search finds.
 */

/** Word stems and their numbers, from 0, in the order they were first met. */
export interface Vocabulary {
  idOf(stem: string): number;
  /** Undefined where no paper has the stem. */
  find(stem: string): number | undefined;
  stemOf(id: number): string;
  readonly size: number;
}

/** The parts of a paper, as Postgres weighs them: title A, keywords B, abstract C. */
export const zones = { title: 0, keywords: 1, body: 2 } as const;
export type Zone = (typeof zones)[keyof typeof zones];

export interface PaperTerms {
  /** Stems, ascending. */
  terms: Int32Array;
  /** Where the occurrences of each stem begin in `places`; one longer than `terms`. */
  starts: Int32Array;
  /** Occurrences, ascending by stem and place: place × 4 + zone. */
  places: Int32Array;
  /** Words of the abstract that are no stop words. */
  bodyWords: number;
}

export function openVocabulary(): Vocabulary {
  const ids = new Map<string, number>();
  const stems: string[] = [];
  return {
    idOf(stem) {
      let id = ids.get(stem);
      if (id === undefined) {
        id = stems.length;
        ids.set(stem, id);
        stems.push(stem);
      }
      return id;
    },
    find: (stem) => ids.get(stem),
    stemOf: (id) => stems[id]!,
    get size() {
      return stems.length;
    },
  };
}

const entry = /'((?:[^']|'')*)':([\d,A-D]+)/g;

/** Reads a `tsvector`'s text: `'decod':2A,17C 'specul':1A`. Stems without a place are left out. */
export function readTerms(vector: string, vocabulary: Vocabulary): PaperTerms {
  const entries: { id: number; places: number[] }[] = [];
  let [count, bodyWords] = [0, 0];
  for (const [, quoted, listed] of vector.matchAll(entry)) {
    const places = listed!.split(',').map(readPlace);
    count += places.length;
    for (const place of places) if (place % 4 === zones.body) bodyWords++;
    entries.push({ id: vocabulary.idOf(quoted!.replaceAll("''", "'")), places });
  }
  entries.sort((a, b) => a.id - b.id);
  const paper = {
    terms: Int32Array.from(entries, ({ id }) => id),
    starts: new Int32Array(entries.length + 1),
    places: new Int32Array(count),
    bodyWords,
  };
  let at = 0;
  for (const [n, { places }] of entries.entries()) {
    paper.starts[n] = at;
    for (const place of places) paper.places[at++] = place;
  }
  paper.starts[entries.length] = at;
  return paper;
}

/** Where a stem stands among a paper's; -1 where it has none of it. */
export function findTerm({ terms }: PaperTerms, id: number): number {
  let [low, high] = [0, terms.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = terms[middle]!;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** `17C` → 17 × 4 + 2. A place without a letter has Postgres' lowest weight. */
function readPlace(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  const zone = last === letterA ? zones.title : last === letterA + 1 ? zones.keywords : zones.body;
  return Number.parseInt(text, 10) * 4 + zone;
}

const letterA = 65;
