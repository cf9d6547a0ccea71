import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { readPhrases } from '../../src/db/topic-phrases.ts';
import { type Corpus, openCorpus } from '../../src/domain/matching/corpus.ts';
import { type Learner, openLearner } from '../../src/domain/matching/profile.ts';
import { relevanceAt } from '../../src/domain/matching/relevance.ts';
import { blend, scoreTaste, tasteShare } from '../../src/domain/matching/taste.ts';
import { openVocabulary, readTerms, type Vocabulary } from '../../src/domain/matching/terms.ts';
import { scoreTopic } from '../../src/domain/matching/topic-scores.ts';
import type { LabelledPaper } from './data.ts';
import { categoryTopics, definitionOf, type Length } from './definitions.ts';
import { auc, ndcgAt, randomFrom } from './measures.ts';

/** What one draw of liked papers came to, for one topic. */
export interface LikesResult {
  system: string;
  likes: number;
  category: string;
  auc: number;
  ndcg50: number;
}

export const likeCounts = [1, 3, 5, 10, 20] as const;

/**
 * Readers who follow a topic and liked some of its papers: likes are drawn from the first papers, and the later ones
 * are ranked. All papers are stored already.
 */
export async function runLikes(
  db: Kysely<Database>,
  before: readonly LabelledPaper[],
  after: readonly LabelledPaper[],
  { draws = 5, counts = likeCounts as readonly number[], which = ['six', 'full'] as readonly Length[] } = {},
): Promise<LikesResult[]> {
  const reading = await openReading(db, before, after);
  const relevances = new Map<Length, Float64Array[]>();
  for (const length of which) relevances.set(length, await relevancesOf(db, reading, length));
  const results: LikesResult[] = [];
  for (const [n, { category }] of categoryTopics.entries()) {
    const labels = after.map(({ categories }) => Number(categories.includes(category)));
    const likeable = [...before.keys()].filter((paper) => before[paper]!.categories.includes(category));
    const own = new Map([...relevances].map(([length, byTopic]) => [length, byTopic[n]!]));
    for (const likes of counts) {
      for (let draw = 0; draw < draws; draw++) {
        const liked = drawFrom(likeable, likes, 1000 * n + draw);
        for (const [system, scores] of rankings(reading, liked, own)) {
          const measured = { auc: auc(scores, labels), ndcg50: ndcgAt(scores, labels, 50) };
          results.push({ system, likes, category, ...measured });
        }
      }
    }
  }
  return results;
}

/** The first papers, learned from, and the later ones, to be ranked. */
interface Reading {
  corpus: Corpus;
  vocabulary: Vocabulary;
  learner: Learner;
  targets: Int32Array;
}

async function openReading(
  db: Kysely<Database>,
  before: readonly LabelledPaper[],
  after: readonly LabelledPaper[],
): Promise<Reading> {
  const { rows } = await sql<{ key: string; search: string }>`
    select key, search::text search from papers`.execute(db);
  const vectors = new Map(rows.map(({ key, search }) => [key, search]));
  const vocabulary = openVocabulary();
  const papers = [...before, ...after].map(({ id }) => readTerms(vectors.get(`arxiv:${id}`)!, vocabulary));
  const corpus = openCorpus(papers, before.length, vocabulary.size);
  const targets = Int32Array.from(after, (_, n) => before.length + n);
  return { corpus, vocabulary, learner: openLearner(corpus), targets };
}

/** By topic, how relevant each of the later papers is to it. */
async function relevancesOf(
  db: Kysely<Database>,
  { corpus, vocabulary, learner, targets }: Reading,
  length: Length,
): Promise<Float64Array[]> {
  const definitions = categoryTopics.map((topic) => definitionOf(topic, length));
  const phrases = await readPhrases(db, definitions);
  return phrases.map((own) => {
    const scored = scoreTopic(corpus, vocabulary, learner, own);
    return Float64Array.from(targets, (paper) => relevanceAt(scored, paper));
  });
}

/** The scores of the later papers, by system, for a reader who liked some of the first. */
function rankings(
  { corpus, learner, targets }: Reading,
  liked: readonly number[],
  relevances: ReadonlyMap<Length, Float64Array>,
): Map<string, Float64Array> {
  const taste = scoreTaste(corpus, learner, { more: liked, less: [] }, targets)!;
  const examples = liked.map((paper) => ({ paper, weight: 1 }));
  const centroid = learner.likeness(examples, targets);
  const share = tasteShare(liked.length);
  const scores = new Map<string, Float64Array>([
    ['likes alone: TF-IDF centroid', Float64Array.from(targets, (paper) => centroid[paper]!)],
    ['likes alone: Broadsheet', Float64Array.from(targets, (paper) => taste[paper]!)],
  ]);
  for (const [length, relevance] of relevances) {
    const blended = Float64Array.from(targets, (paper, at) => blend(relevance[at]!, taste[paper]!, share));
    scores.set(`topic (${length}) alone`, relevance).set(`topic (${length}) and likes`, blended);
  }
  return scores;
}

function drawFrom(places: readonly number[], count: number, seed: number): number[] {
  const random = randomFrom(seed);
  const rest = [...places];
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => rest.splice(Math.floor(random() * rest.length), 1)[0]!,
  );
}
