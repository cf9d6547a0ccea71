import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { readPhrases } from '../../src/db/topic-phrases.ts';
import { openCorpus } from '../../src/domain/matching/corpus.ts';
import { openLearner } from '../../src/domain/matching/profile.ts';
import { relevanceAt } from '../../src/domain/matching/relevance.ts';
import { blend, scoreTaste, tasteShare } from '../../src/domain/matching/taste.ts';
import { openVocabulary, readTerms } from '../../src/domain/matching/terms.ts';
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
  const { rows } = await sql<{
    key: string;
    search: string;
  }>`select key, search::text search from papers`.execute(db);
  const vectors = new Map(rows.map(({ key, search }) => [key, search]));
  const vocabulary = openVocabulary();
  const papers = [...before, ...after].map(({ id }) => readTerms(vectors.get(`arxiv:${id}`)!, vocabulary));
  const corpus = openCorpus(papers, before.length, vocabulary.size);
  const learner = openLearner(corpus);
  const targets = Int32Array.from(after, (_, n) => before.length + n);
  const results: LikesResult[] = [];
  const relevances = new Map<Length, Float64Array[]>();
  for (const length of which) {
    const definitions = categoryTopics.map((topic) => definitionOf(topic, length));
    const phrases = await readPhrases(db, definitions);
    relevances.set(
      length,
      phrases.map((own) => {
        const scored = scoreTopic(corpus, vocabulary, learner, own, targets);
        return Float64Array.from(targets, (paper) => relevanceAt(scored, paper));
      }),
    );
  }
  for (const [n, { category }] of categoryTopics.entries()) {
    const labels = after.map(({ categories }) => Number(categories.includes(category)));
    const liked = [...before.keys()].filter((paper) => before[paper]!.categories.includes(category));
    for (const likes of counts) {
      for (let draw = 0; draw < draws; draw++) {
        const more = drawFrom(liked, likes, 1000 * n + draw);
        const taste = scoreTaste(corpus, learner, { more, less: [] }, targets)!;
        const examples = more.map((paper) => ({ paper, weight: 1 }));
        const centroid = learner.likeness(examples, targets);
        add('likes alone: TF-IDF centroid', (_, paper) => centroid[paper]!);
        add('likes alone: Broadsheet', (_, paper) => taste[paper]!);
        for (const [length, byTopic] of relevances) {
          const relevance = byTopic[n]!;
          const share = tasteShare(likes);
          add(`topic (${length}) alone`, (at) => relevance[at]!);
          add(`topic (${length}) and likes`, (at, paper) => blend(relevance[at]!, taste[paper]!, share));
        }

        function add(system: string, scoreOf: (at: number, paper: number) => number): void {
          const scores = Float64Array.from(targets, (paper, at) => scoreOf(at, paper));
          results.push({
            system,
            likes,
            category,
            auc: auc(scores, labels),
            ndcg50: ndcgAt(scores, labels, 50),
          });
        }
      }
    }
  }
  return results;
}

function drawFrom(places: readonly number[], count: number, seed: number): number[] {
  const random = randomFrom(seed);
  const rest = [...places];
  return Array.from(
    { length: Math.min(count, rest.length) },
    () => rest.splice(Math.floor(random() * rest.length), 1)[0]!,
  );
}
