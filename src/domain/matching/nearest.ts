import type { Corpus } from './corpus.ts';

/** The papers nearest to one, by their places, and what each counts; the weights add up to 1. */
export interface Nearest {
  papers: Int32Array;
  weights: Float64Array;
}

type KnownPapers = Omit<Corpus, 'nearestTo'>;

/** Fewer would each count too much, more would be of other topics. */
const nearestMax = 30;
/** Words that more than a third of the papers have say little of what is near, and take longest to compare. */
const rarityMin = 1;

/**
 * Finds the learned papers most alike to any paper, the more alike counting more: once for each that is asked for,
 * since all topics share them.
 */
export function openNearest(corpus: KnownPapers): (paper: number) => Nearest {
  const known = new Map<number, Nearest>();
  const likeness = new Float64Array(corpus.learned);
  return (paper) => {
    let nearest = known.get(paper);
    if (!nearest) {
      compareTo(corpus, paper, likeness);
      known.set(paper, (nearest = bestOf(likeness)));
    }
    return nearest;
  };
}

/** Sets `likeness` to the cosine between a paper and each of the learned ones; 0 for itself. */
function compareTo(
  { papers, vectors, rarity, having, learned }: KnownPapers,
  paper: number,
  likeness: Float64Array,
): void {
  likeness.fill(0);
  const { terms } = papers[paper]!;
  for (let n = 0; n < terms.length; n++) {
    const stem = terms[n]!;
    if (rarity[stem]! < rarityMin) continue;
    const weight = vectors[paper]![n]!;
    for (let at = having.starts[stem]!; at < having.starts[stem + 1]!; at++) {
      const other = having.papers[at]!;
      if (other >= learned) break;
      likeness[other]! += weight * having.weights[at]!;
    }
  }
  if (paper < learned) likeness[paper] = 0;
}

/** The most alike, which are kept in order while the others pass by; of equals the earlier. */
function bestOf(likeness: Float64Array): Nearest {
  const papers: number[] = [];
  for (let other = 0; other < likeness.length; other++) {
    const alike = likeness[other]!;
    if (alike <= 0 || (papers.length === nearestMax && alike <= likeness[papers.at(-1)!]!)) continue;
    let at = papers.length;
    while (at > 0 && likeness[papers[at - 1]!]! < alike) at--;
    papers.splice(at, 0, other);
    if (papers.length > nearestMax) papers.pop();
  }
  const weights = Float64Array.from(papers, (other) => likeness[other]!);
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  return { papers: Int32Array.from(papers), weights: weights.map((weight) => weight / total) };
}
