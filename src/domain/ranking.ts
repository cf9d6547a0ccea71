/**
 * Which papers make a digest, in which order: pure, deterministic, and explained.
 *
 * A paper's base score under a topic is relevance × trend × freshness. A digest is filled greedily: the best remaining
 * (paper, topic) pair wins, and each paper taken under a topic makes the next one of that topic count less,
 * so that a small topic is seen beside a huge one. Ties go to the older paper id. No randomness, no clock.
 */
export interface IndexedPaper {
  id: number;
  /** Days from the first listing to the edition's moment, from 0. */
  ageDays: number;
  votes: number;
}

export interface IndexedMatch {
  topicId: number;
  paperId: number;
  relevance: number;
  inTitle: boolean;
}

/** Papers and matches of one moment, sorted once for all readers. */
export interface EditionIndex {
  papers: number;
  topics: ReadonlyMap<number, TopicColumn>;
  /** For explanations: the topics of each paper. */
  matches: ReadonlyMap<number, readonly IndexedMatch[]>;
}

/** A topic's candidates, best first: parallel arrays, because there are many topics and many readers. */
export interface TopicColumn {
  paperIds: Int32Array;
  scores: Float64Array;
}

export interface Choice {
  paperId: number;
  /** The topic it was taken under. */
  topicId: number;
  score: number;
}

/** How much each further paper of the same topic counts: two of one topic before one of half the score. */
export const spread = 0.75;
/** Papers stay candidates this long after their first listing (RULES 2). */
export const candidateDays = 14;

const trendWeight = 0.45;
const freshnessPerDay = 0.94;

/** Votes for the age: early votes say more than late ones; the logarithm keeps one famous paper from ruling. */
export function trendOf(paper: IndexedPaper): number {
  const expected = 4 + 4 * Math.min(paper.ageDays, 5);
  return 1 + trendWeight * Math.log2(1 + Math.max(0, paper.votes) / expected);
}

export function freshnessOf(paper: IndexedPaper): number {
  return freshnessPerDay ** paper.ageDays;
}

/** The base score of a paper under a topic. */
export function baseScore(paper: IndexedPaper, match: IndexedMatch): number {
  return match.relevance * trendOf(paper) * freshnessOf(paper);
}

/** Sorts papers and matches into the columns that `choose` reads. */
export function buildIndex(papers: readonly IndexedPaper[], matches: readonly IndexedMatch[]): EditionIndex {
  const byId = new Map(papers.map((paper) => [paper.id, paper]));
  const columns = new Map<number, { paperId: number; score: number }[]>();
  const explained = new Map<number, IndexedMatch[]>();
  for (const match of matches) {
    const paper = byId.get(match.paperId);
    if (!paper) continue;
    append(columns, match.topicId, { paperId: paper.id, score: baseScore(paper, match) });
    append(explained, paper.id, match);
  }
  const topics = new Map<number, TopicColumn>();
  for (const [topicId, rows] of columns) {
    rows.sort((a, b) => b.score - a.score || a.paperId - b.paperId);
    topics.set(topicId, {
      paperIds: Int32Array.from(rows, (row) => row.paperId),
      scores: Float64Array.from(rows, (row) => row.score),
    });
  }
  return { papers: papers.length, topics, matches: explained };
}

/** The index with the matches of further topics, as if it had been built with them. */
export function withMatches(
  index: EditionIndex,
  papers: ReadonlyMap<number, IndexedPaper>,
  matches: readonly IndexedMatch[],
): EditionIndex {
  const further = buildIndex([...papers.values()], matches);
  const explained = new Map(index.matches);
  for (const [paperId, own] of further.matches) {
    explained.set(paperId, [...(explained.get(paperId) ?? []), ...own]);
  }
  return {
    papers: index.papers,
    topics: new Map([...index.topics, ...further.topics]),
    matches: explained,
  };
}

export interface Wish {
  /** What the reader follows, with a weight around 1 that taste may move within bounds. */
  topics: readonly { topicId: number; weight: number }[];
  /** Papers that must not come: seen, or refused by the reader. */
  unwanted: ReadonlySet<number>;
  amount: number;
}

/** The best `amount` papers for this wish; fewer when fewer are eligible. */
export function choose(index: EditionIndex, wish: Wish): Choice[] {
  const heads = wish.topics
    .map(({ topicId, weight }) => ({ topicId, weight, column: index.topics.get(topicId), at: 0 }))
    .filter((head) => head.column !== undefined)
    .toSorted((a, b) => a.topicId - b.topicId);
  const chosen: Choice[] = [];
  const taken = new Set<number>();
  while (chosen.length < wish.amount) {
    let best: { head: (typeof heads)[number]; paperId: number; score: number } | undefined;
    for (const head of heads) {
      const { paperIds, scores } = head.column!;
      while (head.at < paperIds.length && isGone(paperIds[head.at]!)) head.at++;
      if (head.at === paperIds.length) continue;
      const [paperId, score] = [paperIds[head.at]!, scores[head.at]! * head.weight];
      if (!best || score > best.score || (score === best.score && paperId < best.paperId)) {
        best = { head, paperId, score };
      }
    }
    if (!best) break;
    chosen.push({ paperId: best.paperId, topicId: best.head.topicId, score: best.score });
    taken.add(best.paperId);
    best.head.weight *= spread;
  }
  return chosen;

  function isGone(paperId: number): boolean {
    return taken.has(paperId) || wish.unwanted.has(paperId);
  }
}

/** Topic weights stay within these, whatever taste says. */
export const tasteBounds = { least: 0.5, most: 1.5 } as const;
const tasteStep = 0.1;

/** The weight of a topic after so many "more like this" and "less" on papers that matched it. */
export function tasteWeight(more: number, less: number): number {
  return Math.min(tasteBounds.most, Math.max(tasteBounds.least, 1 + tasteStep * (more - less)));
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
