import { type Corpus, dot } from './corpus.ts';

/**
 * What the papers of a topic have in common, as weights by word: learned from examples, without labels and without a
 * model. (Rocchio's pseudo relevance feedback: the weighted mean of the examples less that of all papers.)
 */
export interface Example {
  /** The paper's place in the corpus. */
  paper: number;
  weight: number;
}

/** Learns from examples in one corpus, over and over in the same working memory. */
export interface Learner {
  /**
   * How alike the target papers are to what the examples have in common: 1 is as alike as the best examples
   * themselves, 0 or less is unlike. By the paper's place; 0 for papers that are no targets.
   */
  likeness(examples: readonly Example[], targets: Int32Array): Float64Array;
  /** The words that most make a paper alike to the examples, strongest first. */
  sharedStems(examples: readonly Example[], paper: number, stemsMax: number): number[];
}

/** The best examples say what being alike means. */
const referenceExamples = 30;
/** Where everything is alike (tiny corpora), nothing may look like a perfect example. */
const referenceMin = 0.02;

export function openLearner(corpus: Corpus): Learner {
  const sums = new Float64Array(corpus.rarity.length);
  return {
    likeness(examples, targets) {
      const touched = addUp(corpus, examples, sums);
      const reference = referenceOf(corpus, examples, sums);
      const likeness = new Float64Array(corpus.papers.length);
      for (const paper of targets) likeness[paper] = alikeness(corpus, paper, sums) / reference;
      for (const stem of touched) sums[stem] = 0;
      return likeness;
    },
    sharedStems(examples, paper, stemsMax) {
      const touched = addUp(corpus, examples, sums);
      const { terms } = corpus.papers[paper]!;
      const vector = corpus.vectors[paper]!;
      const shares = [...terms].map((stem, n) => ({ stem, share: vector[n]! * sums[stem]! }));
      for (const stem of touched) sums[stem] = 0;
      return shares
        .filter(({ share }) => share > 0)
        .toSorted((a, b) => b.share - a.share || a.stem - b.stem)
        .slice(0, stemsMax)
        .map(({ stem }) => stem);
    },
  };
}

/** Sets `sums` to the weighted mean of the examples; gives the stems met. */
function addUp(corpus: Corpus, examples: readonly Example[], sums: Float64Array): number[] {
  const total = examples.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const touched: number[] = [];
  for (const { paper, weight } of examples) {
    const { terms } = corpus.papers[paper]!;
    const vector = corpus.vectors[paper]!;
    const share = weight / total;
    for (let n = 0; n < terms.length; n++) {
      if (vector[n] === 0) continue;
      if (sums[terms[n]!] === 0) touched.push(terms[n]!);
      sums[terms[n]!]! += share * vector[n]!;
    }
  }
  return touched;
}

function referenceOf(corpus: Corpus, examples: readonly Example[], sums: Float64Array): number {
  const best = examples.slice(0, referenceExamples);
  const sum = best.reduce((total, { paper }) => total + alikeness(corpus, paper, sums), 0);
  return Math.max(referenceMin, sum / (best.length || 1));
}

function alikeness(corpus: Corpus, paper: number, sums: Float64Array): number {
  const own = dot(corpus.papers[paper]!, corpus.vectors[paper]!, sums);
  return own - backgroundWeight * corpus.background[paper]!;
}
/** Somewhat more than what all papers share is taken away: it is what puts papers about anything among the first. */
const backgroundWeight = 1.25;
