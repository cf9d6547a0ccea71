import type { Corpus } from './corpus.ts';
import type { Example, Learner } from './profile.ts';
import { meetingWith } from './meeting.ts';
import type { Nearest } from './nearest.ts';
import { leftOutOf, neededStems, type Query } from './query.ts';
import type { Vocabulary } from './terms.ts';
import { wordingOf } from './wording.ts';

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
  /** How much a paper says the words of all its phrases, in any order; 1 is as much as the best papers. */
  wording: Float64Array;
  /** Likeness to what the topic's papers have in common; undefined where there is too little to learn from. */
  likeness: Float64Array | undefined;
  /** The papers nearest to one, and what their evidence counts beside its own; undefined where too few are known. */
  around?: { nearestTo: (paper: number) => Nearest; weight: number };
  /** 1 for papers that have what the topic leaves out. */
  isRuledOut?: Uint8Array;
}

/** A second mention adds less than the first. */
const halfFrequency = 1.2;
/** Weights of phrases are smoothed as if this many more papers were known, so that small corpora don't make them jump. */
const smoothing = { papers: 1000, having: 5 } as const;
const examplesMax = 100;
const examplesMin = 3;
/** Among fewer papers the nearest are not near. */
const papersComparedMin = 100;
/**
 * So many phrases say as much of a paper as the papers around it: the more a topic has, the less it needs them, and of a
 * topic with few papers most around are of others.
 */
const phrasesWorthNearest = 35;
/** Fewer papers are too few to tell what is common to a topic from what is common to all. */
const papersLearnedMin = 500;

export function scoreTopic(
  corpus: Corpus,
  vocabulary: Vocabulary,
  learner: Learner,
  phrases: readonly Phrase[],
): TopicScores {
  const count = corpus.papers.length;
  const scores: TopicScores = {
    strength: new Float64Array(count),
    inTitle: new Uint8Array(count),
    phrase: new Int16Array(count).fill(-1),
    wording: wordingOf(
      corpus,
      vocabulary,
      phrases.map(({ query }) => query),
    ),
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
  if (corpus.learned >= papersComparedMin) {
    const weight = phrasesWorthNearest / (phrasesWorthNearest + phrases.length);
    scores.around = { nearestTo: corpus.nearestTo, weight };
  }
  if (corpus.learned < papersLearnedMin) return scores;
  const examples = examplesOf(corpus, scores);
  if (!examples) return scores;
  scores.likeness = learner.likeness(examples, Int32Array.from(corpus.papers.keys()));
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

/**
 * The learned papers that say most of what the topic looks for, strongest first. Undefined where hardly any has one of
 * its phrases: words alone ("quantum" of "quantum gravity") would teach another topic.
 */
function examplesOf(corpus: Corpus, { strength, wording, phrase }: TopicScores): Example[] | undefined {
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
