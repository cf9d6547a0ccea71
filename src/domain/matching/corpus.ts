import { type PaperTerms, zones } from './terms.ts';
import { type Nearest, openNearest } from './nearest.ts';

/**
 * Papers as weighted word vectors (TF-IDF, length 1), with the lists of who has which word. What a word weighs is
 * learned from the first `learned` papers; the others are only matched.
 */
export interface Corpus {
  papers: readonly PaperTerms[];
  /** How many of the papers, from the first, words are weighed by and topics learn from. */
  learned: number;
  /** The weight of each stem; 0 for those too rare to learn from. */
  rarity: Float64Array;
  /** By paper, a weight for each of its terms. */
  vectors: readonly Float64Array[];
  /** By stem, the papers that have it, ascending. */
  having: Postings;
  /** By paper, how alike it is to the mean of those learned from: what all papers share says nothing about a topic. */
  background: Float64Array;
  /** The learned papers most alike to one. */
  nearestTo: (paper: number) => Nearest;
}

/** Lists by stem, one after the other: those of stem n lie from `starts[n]` up to `starts[n + 1]`. */
export interface Postings {
  starts: Int32Array;
  papers: Int32Array;
  /** The paper's weight for the stem, as in its vector. */
  weights: Float32Array;
  /** How much the paper says the stem, after BM25: repetition adds less and less, and less in a long paper. */
  saturated: Float32Array;
}

const titleBonus = 2;
const papersHavingMin = 3;
/** The usual constants of BM25 (Robertson and Zaragoza, 2009): how soon repetition stops counting, how much length does. */
const [repetition, lengthShare] = [1.2, 0.75];

export function openCorpus(papers: readonly PaperTerms[], learned: number, stems: number): Corpus {
  const rarity = weighStems(papers, learned, stems);
  const vectors = papers.map((paper) => vectorOf(paper, rarity));
  const having = listByStem(papers, vectors, learned, stems);
  const mean = meanOf(papers, vectors, learned, stems);
  const background = Float64Array.from(papers, (paper, n) => dot(paper, vectors[n]!, mean));
  const known = { papers, learned, rarity, vectors, having, background };
  return { ...known, nearestTo: openNearest(known) };
}

/** A paper's words, weighted: rare ones more, repeated ones a little more, those of the title more. */
export function vectorOf(paper: PaperTerms, rarity: Float64Array): Float64Array {
  const vector = new Float64Array(paper.terms.length);
  let squares = 0;
  for (let n = 0; n < vector.length; n++) {
    let frequency = 0;
    for (let at = paper.starts[n]!; at < paper.starts[n + 1]!; at++) {
      frequency += paper.places[at]! % 4 === zones.title ? titleBonus : 1;
    }
    const weight = (1 + Math.log(frequency)) * (rarity[paper.terms[n]!] ?? 0);
    vector[n] = weight;
    squares += weight * weight;
  }
  const length = Math.sqrt(squares) || 1;
  for (let n = 0; n < vector.length; n++) vector[n]! /= length;
  return vector;
}

/** How alike a paper is to weights by stem. */
export function dot(paper: PaperTerms, vector: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < vector.length; n++) sum += vector[n]! * weights[paper.terms[n]!]!;
  return sum;
}

function weighStems(papers: readonly PaperTerms[], learned: number, stems: number): Float64Array {
  const counts = new Float64Array(stems);
  for (let n = 0; n < learned; n++) for (const term of papers[n]!.terms) counts[term]!++;
  return counts.map((count) => (count < papersHavingMin ? 0 : Math.log((learned + 1) / (count + 0.5))));
}

function meanOf(
  papers: readonly PaperTerms[],
  vectors: readonly Float64Array[],
  learned: number,
  stems: number,
): Float64Array {
  const mean = new Float64Array(stems);
  for (let n = 0; n < learned; n++) {
    const { terms } = papers[n]!;
    for (let at = 0; at < terms.length; at++) mean[terms[at]!]! += vectors[n]![at]! / learned;
  }
  return mean;
}

function listByStem(
  papers: readonly PaperTerms[],
  vectors: readonly Float64Array[],
  learned: number,
  stems: number,
): Postings {
  const starts = new Int32Array(stems + 1);
  for (const { terms } of papers) for (const term of terms) starts[term + 1]!++;
  for (let stem = 0; stem < stems; stem++) starts[stem + 1]! += starts[stem]!;
  const next = starts.slice(0, stems);
  const total = starts[stems]!;
  const postings = {
    starts,
    papers: new Int32Array(total),
    weights: new Float32Array(total),
    saturated: new Float32Array(total),
  };
  const words = papers.slice(0, learned).reduce((sum, { places }) => sum + places.length, 0);
  const usual = words / (learned || 1) || 1;
  for (const [n, { terms, starts: from, places }] of papers.entries()) {
    const half = repetition * (1 - lengthShare + (lengthShare * places.length) / usual);
    for (let at = 0; at < terms.length; at++) {
      const place = next[terms[at]!]!++;
      const frequency = from[at + 1]! - from[at]!;
      postings.papers[place] = n;
      postings.weights[place] = vectors[n]![at]!;
      postings.saturated[place] = (frequency * (repetition + 1)) / (frequency + half);
    }
  }
  return postings;
}
