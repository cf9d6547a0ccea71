import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import type { Corpus } from '../../src/domain/matching/corpus.ts';
import { type Query, wantedStems } from '../../src/domain/matching/query.ts';
import type { Phrase } from '../../src/domain/matching/topic-scores.ts';
import { findTerm, type Vocabulary } from '../../src/domain/matching/terms.ts';

/** BM25 over title and abstract (k1 1.2, b 0.75); the query is every word of every phrase, once. */
export function bm25(corpus: Corpus, vocabulary: Vocabulary, phrases: readonly Phrase[]): Float64Array {
  const [k1, b] = [1.2, 0.75];
  const lengths = corpus.papers.map(({ places }) => places.length);
  const usual = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const scores = new Float64Array(corpus.papers.length);
  for (const stem of stemsOf(vocabulary, phrases)) {
    const { starts, papers } = corpus.having;
    const having = papers.subarray(starts[stem], starts[stem + 1]);
    const idf = Math.log(1 + (scores.length - having.length + 0.5) / (having.length + 0.5));
    for (const paper of having) {
      const own = corpus.papers[paper]!;
      const at = findTerm(own, stem);
      const frequency = own.starts[at + 1]! - own.starts[at]!;
      const norm = k1 * (1 - b + (b * lengths[paper]!) / usual);
      scores[paper]! += (idf * frequency * (k1 + 1)) / (frequency + norm);
    }
  }
  return scores;
}

/** The cosine between the phrases as one text and each paper, both as TF-IDF vectors. */
export function cosine(corpus: Corpus, vocabulary: Vocabulary, phrases: readonly Phrase[]): Float64Array {
  const scores = new Float64Array(corpus.papers.length);
  const { starts, papers, weights } = corpus.having;
  for (const stem of stemsOf(vocabulary, phrases)) {
    for (let at = starts[stem]!; at < starts[stem + 1]!; at++) {
      scores[papers[at]!]! += corpus.rarity[stem]! * weights[at]!;
    }
  }
  return scores;
}

/** Postgres alone: `ts_rank(search, query, 1)` of every paper, by key. */
export async function tsRank(
  db: Kysely<Database>,
  query: { websearch: string } | { plain: string },
): Promise<Map<string, number>> {
  const asked =
    'plain' in query
      ? sql`plainto_tsquery('english', ${query.plain})`
      : sql`websearch_to_tsquery('english', ${query.websearch})`;
  const { rows } = await sql<{ key: string; rank: number }>`
    select key, ts_rank(search, q, 1)::float8 rank from papers, ${asked} q where search @@ q`.execute(db);
  return new Map(rows.map(({ key, rank }) => [key, rank]));
}

/** The words as they were typed: other spellings of them are the product's knowledge, not a baseline's. */
function stemsOf(vocabulary: Vocabulary, phrases: readonly Phrase[]): Set<number> {
  const stems = phrases.flatMap(({ query }) => wantedStems(asTyped(query)));
  const known = stems.map((stem) => vocabulary.find(stem));
  return new Set(known.filter((stem) => stem !== undefined));
}

/** The first of several spellings is the typed one. */
function asTyped(query: Query): Query {
  return query.kind === 'or' ? query.parts[0]! : query;
}
