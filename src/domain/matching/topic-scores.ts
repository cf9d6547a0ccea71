import type { Corpus } from './corpus.ts';
import type { Example, Learner } from './profile.ts';
import { meetingWith } from './meeting.ts';
import { leftOutOf, neededStems, type Query, wantedStems } from './query.ts';
import type { Vocabulary } from './terms.ts';

/** A phrase that a topic looks for, in all its spellings. */
export interface Phrase {
  /** As the topic has it: `speculative decoding`. */
  text: string;
  query: Query;
}

/** How well each paper of a corpus suits a topic: arrays by the paper's place. */
export interface TopicScores {
  /** What the topic's phrases in the paper come to, rare phrases counting more; 0 where it has none. */
  strength: Float64Array;
  inTitle: Uint8Array;
  /** The phrase that counts most; -1 where there is none. */
  phrase: Int16Array;
  /** How much of the words of all its phrases a paper has, in any order; 1 is as much as the best papers. */
  wording: Float64Array;
  /** Likeness to what the topic's papers have in common; undefined where there is too little to learn from. */
  likeness: Float64Array | undefined;
  /** 1 for papers that have what the topic leaves out. */
  isRuledOut?: Uint8Array;
}

/** A second mention adds less than the first. */
const halfFrequency = 1.2;
/** Weights of phrases are smoothed as if this many more papers were known, so that small corpora don't make them jump. */
const smoothing = { papers: 1000, having: 5 } as const;
const examplesMax = 100;
const examplesMin = 3;
/** Fewer papers are too few to tell what is common to a topic from what is common to all. */
const papersLearnedMin = 500;

export function scoreTopic(
  corpus: Corpus,
  vocabulary: Vocabulary,
  learner: Learner,
  phrases: readonly Phrase[],
  targets: Int32Array,
): TopicScores {
  const count = corpus.papers.length;
  const scores: TopicScores = {
    strength: new Float64Array(count),
    inTitle: new Uint8Array(count),
    phrase: new Int16Array(count).fill(-1),
    wording: wordingOf(corpus, vocabulary, phrases),
    likeness: undefined,
  };
  const best = new Float64Array(count);
  for (const [n, { query }] of phrases.entries()) {
    for (const { paper, part, inTitle } of meet(corpus, vocabulary, query)) {
      scores.strength[paper]! += part;
      if (inTitle) scores.inTitle[paper] = 1;
      if (part > best[paper]!) {
        best[paper] = part;
        scores.phrase[paper] = n;
      }
    }
  }
  const examples = examplesOf(corpus, scores);
  if (!examples) return scores;
  scores.likeness = learner.likeness(examples, targets);
  const leftOut = phrases.flatMap(({ query }) => leftOutOf(query));
  if (leftOut.length > 0) scores.isRuledOut = ruleOut(corpus, vocabulary, leftOut);
  return scores;
}

interface Part {
  paper: number;
  part: number;
  inTitle: boolean;
}

/** The papers that meet one phrase, and what that counts: more, the fewer of the learned papers do. */
function meet(corpus: Corpus, vocabulary: Vocabulary, query: Query): Part[] {
  const meets = meetingWith(query, vocabulary);
  if (!meets) return [];
  const met: Part[] = [];
  let having = 0;
  for (const paper of papersToAsk(corpus, vocabulary, query)) {
    const meeting = meets(corpus.papers[paper]!);
    if (!meeting || meeting.frequency === 0) continue;
    if (paper < corpus.learned) having++;
    const part = meeting.frequency / (meeting.frequency + halfFrequency);
    met.push({ paper, part, inTitle: meeting.inTitle });
  }
  const weight = Math.log(1 + (corpus.learned + smoothing.papers) / (having + smoothing.having));
  for (const one of met) one.part *= weight;
  return met;
}

function ruleOut(corpus: Corpus, vocabulary: Vocabulary, leftOut: readonly Query[]): Uint8Array {
  const isRuledOut = new Uint8Array(corpus.papers.length);
  for (const query of leftOut) {
    const meets = meetingWith(query, vocabulary);
    if (!meets) continue;
    for (const paper of papersToAsk(corpus, vocabulary, query)) {
      if (meets(corpus.papers[paper]!)) isRuledOut[paper] = 1;
    }
  }
  return isRuledOut;
}

/** Those that have the rarest word the query needs; with alternatives, those of each. */
function papersToAsk(corpus: Corpus, vocabulary: Vocabulary, query: Query): Iterable<number> {
  if (query.kind === 'or') {
    return new Set(query.parts.flatMap((part) => [...papersToAsk(corpus, vocabulary, part)]));
  }
  const { starts, papers } = corpus.having;
  let rarest: Int32Array | undefined;
  for (const stem of neededStems(query)) {
    const id = vocabulary.find(stem);
    if (id === undefined) return [];
    const list = papers.subarray(starts[id], starts[id + 1]);
    if (!rarest || list.length < rarest.length) rarest = list;
  }
  return rarest ?? corpus.papers.keys();
}

/** The cosine between a paper and all words of the phrases, in shares of what the best papers have. */
function wordingOf(corpus: Corpus, vocabulary: Vocabulary, phrases: readonly Phrase[]): Float64Array {
  const wording = new Float64Array(corpus.papers.length);
  const { starts, papers, weights } = corpus.having;
  for (const stem of new Set(phrases.flatMap(({ query }) => wantedStems(query)))) {
    const id = vocabulary.find(stem);
    if (id === undefined) continue;
    const rarity = corpus.rarity[id]!;
    for (let at = starts[id]!; at < starts[id + 1]!; at++) wording[papers[at]!]! += rarity * weights[at]!;
  }
  const best = wording.slice(0, corpus.learned).sort().slice(-wordingBestOf);
  const usual = best.reduce((sum, one) => sum + one, 0) / (best.length || 1) || 1;
  return wording.map((one) => one / usual);
}
const wordingBestOf = 30;

/**
 * The learned papers that say most of what the topic looks for, strongest first. Undefined where hardly any has one of
 * its phrases: words alone ("quantum" of "quantum gravity") would teach another topic.
 */
function examplesOf(corpus: Corpus, { strength, wording, phrase }: TopicScores): Example[] | undefined {
  if (corpus.learned < papersLearnedMin) return undefined;
  let withPhrase = 0;
  const weights = strength.slice(0, corpus.learned);
  for (let paper = 0; paper < weights.length; paper++) {
    if (phrase[paper]! >= 0) withPhrase++;
    weights[paper]! += wordingWeight * wording[paper]!;
  }
  if (withPhrase < examplesMin) return undefined;
  // Numbers sort many times faster than papers: first the least weight that counts, then the few papers that have it.
  const least = Math.max(Number.MIN_VALUE, weights.toSorted().at(-examplesMax) ?? 0);
  const examples: Example[] = [];
  for (let paper = 0; paper < weights.length; paper++) {
    const weight = weights[paper]!;
    if (weight >= least) examples.push({ paper, weight: weight ** strongerCounts });
  }
  return examples.sort((a, b) => b.weight - a.weight || a.paper - b.paper).slice(0, examplesMax);
}
const wordingWeight = 2;
/** Of a small topic hardly twenty of a hundred examples belong: the best of them shall teach most. */
const strongerCounts = 1.5;
