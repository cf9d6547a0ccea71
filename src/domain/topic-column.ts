/** One paper under one topic. */
export interface IndexedMatch {
  topicId: number;
  paperId: number;
  relevance: number;
  inTitle: boolean;
  /** The topic's phrase that counted most; null where the paper is only alike to the topic's papers. */
  phrase?: string | null;
}

/**
 * A topic's candidates, best first, as parallel arrays: there are a hundred thousand matches and more, and an object for
 * each took most of a worker's memory. The arrays of a topic lie in one piece of memory, because two thousand topics with
 * six pieces each keep the garbage collector busy.
 */
export interface TopicColumn {
  paperIds: Int32Array;
  scores: Float64Array;
  relevances: Float64Array;
  inTitle: Uint8Array;
  /** Places in `phrases`, one higher; 0 is none. */
  phraseOf: Uint16Array;
  phrases: readonly string[];
  /** Places in the arrays above in the order of paper ids, to find a paper in. */
  byPaper: Uint32Array;
}

export interface ScoredPaper {
  paperId: number;
  score: number;
}

export type ScoredMatch = Omit<IndexedMatch, 'topicId'> & ScoredPaper;

/** Best first; ties go to the older paper id. */
export function byScore(a: ScoredPaper, b: ScoredPaper): number {
  return b.score - a.score || a.paperId - b.paperId;
}

/** The column of one topic's papers. */
export function columnOf(rows: ScoredMatch[]): TopicColumn {
  rows.sort(byScore);
  const phrases: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (phrase: string) => {
    const known = numbers.get(phrase);
    if (known !== undefined) return known;
    numbers.set(phrase, phrases.push(phrase));
    return phrases.length;
  };
  const column = openColumn(rows.length, phrases);
  for (const [place, { paperId, score, relevance, inTitle, phrase }] of rows.entries()) {
    column.paperIds[place] = paperId;
    column.scores[place] = score;
    column.relevances[place] = relevance;
    column.inTitle[place] = inTitle ? 1 : 0;
    column.phraseOf[place] = phrase ? numberOf(phrase) : 0;
  }
  orderByPaper(column);
  return column;
}

/** Room for so many: the arrays of the widest numbers first, so that each begins where its numbers may. */
function openColumn(length: number, phrases: readonly string[]): TopicColumn {
  const memory = new ArrayBuffer(length * (8 + 8 + 4 + 4 + 2 + 1));
  return {
    scores: new Float64Array(memory, 0, length),
    relevances: new Float64Array(memory, 8 * length, length),
    paperIds: new Int32Array(memory, 16 * length, length),
    byPaper: new Uint32Array(memory, 20 * length, length),
    phraseOf: new Uint16Array(memory, 24 * length, length),
    inTitle: new Uint8Array(memory, 26 * length, length),
    phrases,
  };
}

/** Numbers that hold both a paper and its place are sorted without a word of ours. */
function orderByPaper({ paperIds, byPaper }: TopicColumn): void {
  const { length } = paperIds;
  const both = new Float64Array(length);
  for (let place = 0; place < length; place++) both[place] = paperIds[place]! * length + place;
  both.sort();
  for (let n = 0; n < length; n++) byPaper[n] = both[n]! % length;
}

/** Where a paper stands in the column, or -1. */
export function placeOf({ paperIds, byPaper }: TopicColumn, paperId: number): number {
  let [least, most] = [0, byPaper.length - 1];
  while (least <= most) {
    const middle = (least + most) >> 1;
    const place = byPaper[middle]!;
    const found = paperIds[place]!;
    if (found === paperId) return place;
    if (found < paperId) least = middle + 1;
    else most = middle - 1;
  }
  return -1;
}

/** What stands at a place of the column. */
export function matchAt(column: TopicColumn, place: number): Omit<IndexedMatch, 'topicId'> {
  return {
    paperId: column.paperIds[place]!,
    relevance: column.relevances[place]!,
    inTitle: column.inTitle[place] === 1,
    phrase: column.phrases[column.phraseOf[place]! - 1] ?? null,
  };
}
