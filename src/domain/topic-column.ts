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
 * each took most of a worker's memory.
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
  const paperIds = Int32Array.from(rows, (row) => row.paperId);
  const phrases = [...new Set(rows.map(({ phrase }) => phrase))].filter(
    (phrase) => typeof phrase === 'string',
  );
  const places = new Map(phrases.map((phrase, place) => [phrase, place + 1]));
  return {
    paperIds,
    scores: Float64Array.from(rows, (row) => row.score),
    relevances: Float64Array.from(rows, (row) => row.relevance),
    inTitle: Uint8Array.from(rows, (row) => Number(row.inTitle)),
    phraseOf: Uint16Array.from(rows, ({ phrase }) => (phrase ? places.get(phrase)! : 0)),
    phrases,
    byPaper: Uint32Array.from(paperIds.keys()).sort((a, b) => paperIds[a]! - paperIds[b]!),
  };
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
