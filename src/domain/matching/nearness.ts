import { append } from '../multimap.ts';
import type { IndexedMatch } from '../topic-column.ts';

/** A paper near to a topic in the space of an embedding model, whatever words it uses. */
export interface Near {
  topicId: number;
  paperId: number;
  /** Cosine. */
  nearness: number;
}

/** The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): how slowly ranks lose weight. */
const rankOffset = 60;

/**
 * Joins what topics match by their words with what is near to them, by reciprocal rank: each order gives a paper
 * 1 / (60 + its rank), and the sum decides. Relevances keep their values and are dealt out in the new order, so that a
 * topic's papers stay comparable with those of others. No match is lost. A paper without the words comes in where it is
 * nearer than half of those that have them, and no more such papers come than have the words. Topics without a near
 * paper come out as they were.
 */
export function fuse(matches: readonly IndexedMatch[], nearest: readonly Near[]): IndexedMatch[] {
  if (nearest.length === 0) return [...matches];
  const byWords = byTopic(matches);
  const byMeaning = byTopic(nearest);
  return [...byWords].flatMap(([topicId, own]) => {
    const near = byMeaning.get(topicId);
    return near ? fuseTopic(topicId, own, near) : own;
  });
}

function byTopic<T extends { topicId: number }>(rows: readonly T[]): Map<number, T[]> {
  const topics = new Map<number, T[]>();
  for (const row of rows) append(topics, row.topicId, row);
  return topics;
}

function fuseTopic(topicId: number, own: readonly IndexedMatch[], near: readonly Near[]): IndexedMatch[] {
  const words = own.toSorted((a, b) => b.relevance - a.relevance || a.paperId - b.paperId);
  const meanings = near.toSorted((a, b) => b.nearness - a.nearness || a.paperId - b.paperId);
  const scores = new Map<number, number>();
  for (const order of [words, meanings]) {
    for (const [rank, { paperId }] of order.entries()) {
      scores.set(paperId, (scores.get(paperId) ?? 0) + 1 / (rankOffset + rank + 1));
    }
  }
  const matchOf = new Map(own.map((match) => [match.paperId, match]));
  const ranked = [...scores].sort(([a, x], [b, y]) => y - x || a - b).map(([paperId]) => paperId);
  const without = withoutTheWords(meanings, matchOf);
  const welcome = ranked.filter((paperId) => matchOf.has(paperId) || without.has(paperId));
  return welcome.map((paperId, rank) => ({
    ...(matchOf.get(paperId) ?? { topicId, paperId, inTitle: false, phrase: null }),
    relevance: words[Math.min(rank, words.length - 1)]!.relevance,
  }));
}

/** Those that are nearer than half of the papers with the words, the nearest of them. */
function withoutTheWords(
  meanings: readonly Near[],
  matchOf: ReadonlyMap<number, IndexedMatch>,
): ReadonlySet<number> {
  const having = meanings.filter(({ paperId }) => matchOf.has(paperId));
  const middle = having[Math.floor(having.length / 2)];
  const nearer = meanings.filter(
    ({ paperId, nearness }) => !matchOf.has(paperId) && middle !== undefined && nearness > middle.nearness,
  );
  return new Set(nearer.slice(0, matchOf.size).map(({ paperId }) => paperId));
}

/** The `limit` papers nearest to a vector, nearest first. All vectors have length 1, so the product is the cosine. */
export function nearestOf(
  vector: Float32Array,
  papers: readonly { id: number; vector: Float32Array }[],
  limit: number,
): { paperId: number; nearness: number }[] {
  return papers
    .filter((paper) => paper.vector.length === vector.length)
    .map((paper) => ({ paperId: paper.id, nearness: product(vector, paper.vector) }))
    .sort((a, b) => b.nearness - a.nearness || a.paperId - b.paperId)
    .slice(0, limit);
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n++) sum += a[n]! * b[n]!;
  return sum;
}
