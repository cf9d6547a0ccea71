import type { Corpus } from './corpus.ts';
import { type Query, wantedStems } from './query.ts';
import type { Vocabulary } from './terms.ts';

/**
 * How much each paper says the words that queries look for, in any order; 1 is as much as the best papers. It is the mean
 * of two measures that err on different papers: the cosine between a paper and all the words, which likes short papers
 * about little else, and BM25, which counts how many of the words there are.
 */
export function wordingOf(corpus: Corpus, vocabulary: Vocabulary, queries: readonly Query[]): Float64Array {
  const cosine = new Float64Array(corpus.papers.length);
  const bm25 = new Float64Array(corpus.papers.length);
  const { starts, papers, weights, saturated } = corpus.having;
  for (const stem of new Set(queries.flatMap(wantedStems))) {
    const id = vocabulary.find(stem);
    if (id === undefined) continue;
    const rarity = corpus.rarity[id]!;
    for (let at = starts[id]!; at < starts[id + 1]!; at++) {
      cosine[papers[at]!]! += rarity * weights[at]!;
      bm25[papers[at]!]! += rarity * saturated[at]!;
    }
  }
  const [most, mostOther] = [bestMean(cosine, corpus.learned), bestMean(bm25, corpus.learned)];
  return cosine.map((one, paper) => (one / most + bm25[paper]! / mostOther) / 2);
}

function bestMean(values: Float64Array, learned: number): number {
  const best = values.slice(0, learned).sort().slice(-wordingBestOf);
  return best.reduce((sum, one) => sum + one, 0) / (best.length || 1) || 1;
}
const wordingBestOf = 30;
