import { type Kysely, sql } from 'kysely';
import { readPaperCorpus } from '../../src/db/paper-corpus.ts';
import type { Database } from '../../src/db/schema.ts';
import { readPhrases } from '../../src/db/topic-phrases.ts';
import { relevanceAt } from '../../src/domain/matching/relevance.ts';
import { scoreTopic } from '../../src/domain/matching/topic-scores.ts';
import { bm25, cosine, tsRank } from './baselines.ts';
import type { LabelledPaper } from './data.ts';
import { storePapers } from './database.ts';
import { categoryTopics, definitionOf, type Length, lengths } from './definitions.ts';

/** One list, a day's or a week's: its papers and, by system, a score for each of them by topic. */
export interface ScoredList {
  name: string;
  papers: readonly LabelledPaper[];
  scores: Map<string, Float64Array[]>;
}

export const ours = (length: Length): string => `Broadsheet, ${lengthNames[length]}`;
export const lengthNames: Record<Length, string> = {
  name: 'the name alone',
  six: 'six phrases',
  full: 'all phrases',
};

/**
 * Lists as they come, one after the other: each is stored, then scored by the product's matcher, which has learned
 * from the papers known by then and never sees a label. `before` are known from the start.
 */
export async function scoreLists(
  db: Kysely<Database>,
  before: readonly LabelledPaper[],
  lists: readonly { name: string; papers: readonly LabelledPaper[] }[],
  which: readonly Length[] = lengths,
): Promise<ScoredList[]> {
  if (before.length > 0) await storePapers(db, before);
  const scored: ScoredList[] = [];
  for (const { name, papers } of lists) {
    const ids = await storePapers(db, papers);
    const stored = await readPaperCorpus(db, ids);
    const places = new Map(stored.ids.map((id, place) => [id, place]));
    const list: ScoredList = { name, papers, scores: new Map() };
    for (const length of which) {
      const phrases = await readPhrases(
        db,
        categoryTopics.map((topic) => definitionOf(topic, length)),
      );
      const { corpus, vocabulary, learner } = stored;
      list.scores.set(
        ours(length),
        phrases.map((own) => {
          const scored = scoreTopic(corpus, vocabulary, learner, own);
          return Float64Array.from(ids, (id) => relevanceAt(scored, places.get(id)!));
        }),
      );
    }
    scored.push(list);
  }
  return scored;
}

/** Scores the lists by what others would do; all papers are stored, so these know the words of later lists too. */
export async function addBaselines(
  db: Kysely<Database>,
  lists: readonly ScoredList[],
  which: readonly Length[] = lengths,
): Promise<void> {
  const count = await sql<{ n: number }>`select count(*)::int n from papers`.execute(db);
  const stored = await readPaperCorpus(db, undefined, { learnedMax: count.rows[0]!.n });
  const keys = await sql<{ id: number; key: string }>`select id, key from papers`.execute(db);
  const places = new Map(stored.ids.map((id, place) => [id, place]));
  const placeOf = new Map(keys.rows.map(({ id, key }) => [key, places.get(id)!]));
  for (const length of which) {
    const definitions = categoryTopics.map((topic) => definitionOf(topic, length));
    const phrases = await readPhrases(db, definitions);
    for (const [n, topic] of categoryTopics.entries()) {
      const { corpus, vocabulary } = stored;
      const byPlace = {
        BM25: bm25(corpus, vocabulary, phrases[n]!),
        'TF-IDF cosine': cosine(corpus, vocabulary, phrases[n]!),
      };
      for (const [system, scores] of Object.entries(byPlace)) {
        append(lists, `${system}, ${lengthNames[length]}`, (paper) => scores[placeOf.get(keyOf(paper))!]!);
      }
      const ranks = await tsRank(db, { websearch: definitions[n]! });
      append(lists, `Postgres ts_rank, ${lengthNames[length]}`, (paper) => ranks.get(keyOf(paper)) ?? 0);
      if (length !== 'name') continue;
      const plain = await tsRank(db, { plain: topic.name });
      append(lists, 'Postgres plainto_tsquery, the name alone', (paper) => plain.get(keyOf(paper)) ?? 0);
    }
  }
}

/** One more topic's scores of a system, for every list. */
function append(
  lists: readonly ScoredList[],
  system: string,
  scoreOf: (paper: LabelledPaper) => number,
): void {
  for (const { papers, scores } of lists) {
    const own = scores.get(system) ?? [];
    scores.set(system, [...own, Float64Array.from(papers, scoreOf)]);
  }
}

const keyOf = ({ id }: LabelledPaper): string => `arxiv:${id}`;
