import { appealOf, type IndexedPaper } from './appeal.ts';
import type { Integers } from './integer-set.ts';
import { type Kin, kinOf, openGone } from './kin.ts';
import { blend } from './matching/taste.ts';
import { append } from './multimap.ts';
import {
  byScore,
  columnOf,
  type IndexedMatch,
  placeOf,
  type ScoredMatch,
  type ScoredPaper,
  type TopicColumn,
} from './topic-column.ts';

/**
 * Which papers make a digest, in which order: pure, deterministic, and explained.
 *
 * A paper's base score under a topic is relevance × trend × freshness, and where the reader's taste is known their
 * relevance is blended with it. A digest is filled greedily: the best remaining (paper, topic) pair wins, and each
 * paper taken under a topic makes the next one of that topic count less, so that a small topic is seen beside a huge
 * one. Of papers that are nearly the same one comes, of an author two, of an organisation a few, unless there is nothing
 * else. Ties go to the older paper id. No randomness, no clock.
 */
/** Papers and matches of one moment, sorted once for all readers. */
export interface EditionIndex {
  papers: number;
  topics: ReadonlyMap<number, TopicColumn>;
  /** Trend × freshness by paper. */
  appeal: ReadonlyMap<number, number>;
  /** What papers share with others, for the few that share enough to matter. */
  kin: ReadonlyMap<number, Kin>;
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

/** Sorts papers and matches into the columns that `choose` reads. */
export function buildIndex(papers: readonly IndexedPaper[], matches: Iterable<IndexedMatch>): EditionIndex {
  const index = openIndex(papers);
  const rows = new Map<number, IndexedMatch[]>();
  for (const match of matches) append(rows, match.topicId, match);
  for (const [topicId, own] of rows) index.addTopic(topicId, own);
  return index;
}

/** An index in the making, for whoever reads the matches topic by topic: all of them at once are many. */
export interface OpenIndex extends EditionIndex {
  addTopic(topicId: number, matches: readonly IndexedMatch[]): void;
}

/** The index of these papers, without any topic as yet. */
export function openIndex(papers: readonly IndexedPaper[]): OpenIndex {
  const topics = new Map<number, TopicColumn>();
  const appeal = new Map(papers.map((paper) => [paper.id, appealOf(paper)]));
  return {
    papers: papers.length,
    topics,
    appeal,
    kin: kinOf(papers),
    addTopic(topicId, matches) {
      const rows: ScoredMatch[] = [];
      for (const { paperId, relevance, inTitle, phrase = null } of matches) {
        const factor = appeal.get(paperId);
        if (factor !== undefined)
          rows.push({ paperId, relevance, inTitle, phrase, score: relevance * factor });
      }
      if (rows.length > 0) topics.set(topicId, columnOf(rows));
    },
  };
}

/** The index with the matches of further topics, as if it had been built with them. */
export function withMatches(
  index: EditionIndex,
  papers: ReadonlyMap<number, IndexedPaper>,
  matches: readonly IndexedMatch[],
): EditionIndex {
  const further = buildIndex([...papers.values()], matches);
  return { ...index, topics: new Map([...index.topics, ...further.topics]) };
}

/** Whether a topic has the paper among its candidates. */
export function isMatch({ topics }: EditionIndex, topicId: number, paperId: number): boolean {
  const column = topics.get(topicId);
  return column !== undefined && placeOf(column, paperId) >= 0;
}

export interface Wish {
  /** What the reader follows, with a weight around 1 that taste may move within bounds. */
  topics: readonly { topicId: number; weight: number }[];
  /** Papers that must not come: seen, or refused by the reader. */
  unwanted: Integers;
  amount: number;
  taste?: Taste;
}

/** What the reader's likes say of the candidates. */
export interface Taste {
  /** How much it counts beside the topics, from 0 to below 1. */
  share: number;
  /** How well papers suit it, from 0 to 1; absent ones do not. */
  scores: ReadonlyMap<number, number>;
}

/** Under this topic come papers that match no followed topic, only the taste. */
export const tasteTopicId = -1_000_000;
/** A paper comes by taste alone where half of its like would be welcome. */
const tasteAloneMin = 0.5;
/** Taste looks at this many of a topic's best: it moves papers up, not out of nowhere. */
const tasteLooksAt = 300;

/** What `choose` reads of a topic: papers and scores, best first. */
type Order = Pick<TopicColumn, 'paperIds' | 'scores'>;

interface Head {
  topicId: number;
  weight: number;
  column: Order;
  at: number;
}

/** The best `amount` papers for this wish; fewer when fewer are eligible. */
export function choose(index: EditionIndex, wish: Wish): Choice[] {
  const heads = headsOf(index, wish);
  const chosen: Choice[] = [];
  const gone = openGone(index.kin, wish);
  fill(chosen, wish.amount, { heads, gone, isHolding: true });
  if (gone.heldBack && chosen.length < wish.amount) {
    for (const head of heads) head.at = 0;
    fill(chosen, wish.amount, { heads, gone, isHolding: false });
  }
  return chosen;
}

/**
 * A function of its own: one inside `choose` would be made anew for each reader. And no pair is swapped by way of an array
 * here, since each such array is made.
 */
function fill(
  chosen: Choice[],
  amount: number,
  { heads, gone, isHolding }: { heads: Head[]; gone: ReturnType<typeof openGone>; isHolding: boolean },
): void {
  while (chosen.length < amount) {
    let best: Head | undefined;
    let bestId = 0;
    let bestScore = 0;
    for (const head of heads) {
      const { paperIds, scores } = head.column;
      while (head.at < paperIds.length && gone.has(paperIds[head.at]!, isHolding)) head.at++;
      if (head.at === paperIds.length) continue;
      const paperId = paperIds[head.at]!;
      const score = scores[head.at]! * head.weight;
      if (best && (score < bestScore || (score === bestScore && paperId >= bestId))) continue;
      best = head;
      bestId = paperId;
      bestScore = score;
    }
    if (!best) return;
    chosen.push({ paperId: bestId, topicId: best.topicId, score: bestScore });
    gone.take(bestId);
    best.weight *= spread;
  }
}

/** Topic weights stay within these, whatever taste says. */
export const tasteBounds = { least: 0.5, most: 1.5 } as const;
const tasteStep = 0.1;

/** The weight of a topic after so many "more like this" and "less" on papers that matched it. */
export function tasteWeight(more: number, less: number): number {
  return Math.min(tasteBounds.most, Math.max(tasteBounds.least, 1 + tasteStep * (more - less)));
}

function headsOf(index: EditionIndex, { topics, taste }: Wish): Head[] {
  const heads: Head[] = [];
  for (const { topicId, weight } of topics) {
    const column = index.topics.get(topicId);
    if (column)
      addInOrder(heads, { topicId, weight, column: taste ? tasted(index, column, taste) : column, at: 0 });
  }
  if (taste) {
    const column = tasteColumn(index, topics, taste);
    addInOrder(heads, { topicId: tasteTopicId, weight: 1, column, at: 0 });
  }
  return heads;
}

/** By topic. Five a reader are put where they belong sooner than sorted. */
function addInOrder(heads: Head[], head: Head): void {
  let place = heads.length;
  while (place > 0 && heads[place - 1]!.topicId > head.topicId) {
    heads[place] = heads[place - 1]!;
    place--;
  }
  heads[place] = head;
}

/** A topic's best as this reader would rank them. */
function tasted(index: EditionIndex, { paperIds, relevances }: TopicColumn, { share, scores }: Taste): Order {
  const rows: ScoredPaper[] = [];
  for (let place = 0; place < Math.min(paperIds.length, tasteLooksAt); place++) {
    const paperId = paperIds[place]!;
    const relevance = blend(relevances[place]!, scores.get(paperId) ?? 0, share);
    rows.push({ paperId, score: relevance * index.appeal.get(paperId)! });
  }
  return orderOf(rows);
}

/** Papers that suit the taste and match none of the topics. */
function tasteColumn(index: EditionIndex, topics: Wish['topics'], { share, scores }: Taste): Order {
  const rows: ScoredPaper[] = [];
  for (const [paperId, taste] of scores) {
    const appeal = index.appeal.get(paperId);
    if (appeal === undefined || taste < tasteAloneMin) continue;
    if (topics.some(({ topicId }) => isMatch(index, topicId, paperId))) continue;
    rows.push({ paperId, score: share * taste * appeal });
  }
  return orderOf(rows);
}

function orderOf(rows: ScoredPaper[]): Order {
  rows.sort(byScore);
  return {
    paperIds: Int32Array.from(rows, (row) => row.paperId),
    scores: Float64Array.from(rows, (row) => row.score),
  };
}
