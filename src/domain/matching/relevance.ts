import type { TopicScores } from './topic-scores.ts';

/** How likely a paper belongs to a topic by its own evidence alone, from 0 to 1. */
export function relevanceOf(evidence: Evidence): number {
  return chance(sumOf(evidence) + curveOf(evidence).alone);
}

/**
 * How likely a paper belongs to a topic, from 0 to 1, comparable across topics with few and with many phrases: its own
 * evidence and that of the papers nearest to it. Papers near to each other belong to the same topics (van Rijsbergen's
 * cluster hypothesis; Diaz, CIKM 2005, on scores), so thirty others correct what one says by accident.
 *
 * The logistic curves were fitted on labelled papers (the tuning days of `npm run eval`, 19 categories, defined by one,
 * six and about seventy phrases): of the papers at 0.5, about half belonged to the topic.
 */
export function relevanceAt(scores: TopicScores, paper: number): number {
  const own = sumAt(scores, paper);
  const { alone, slope, start } = curveOf(scores);
  if (!scores.around) return chance(own + alone);
  const { papers, weights } = scores.around.nearestTo(paper);
  let around = 0;
  for (let n = 0; n < papers.length; n++) around += weights[n]! * sumAt(scores, papers[n]!);
  const { weight } = scores.around;
  return chance((slope * (own + weight * around)) / (1 + weight) + start);
}

/** What evidence comes to: that of a paper alone, or with what is around it. */
const curves = {
  learned: { alone: -2.32, slope: 1.02, start: -2.4 },
  unlearned: { alone: -2.2, slope: 1.65, start: -3.15 },
} as const;

function curveOf({ likeness }: { likeness: unknown }) {
  return likeness === undefined ? curves.unlearned : curves.learned;
}

const chance = (evidence: number): number => 1 / (1 + Math.exp(-evidence));

function sumAt({ strength, wording, likeness }: TopicScores, paper: number): number {
  return sumOf({ strength: strength[paper]!, wording: wording[paper]!, likeness: likeness?.[paper] });
}

function sumOf({ strength, wording, likeness }: Evidence): number {
  if (likeness === undefined) return 0.26 * strength + 0.5 * wording;
  return 1.4 * wording + phrasesOrLikeness(strength, likeness);
}

/**
 * Phrases and likeness add up until a paper is quite like the topic's. What makes it more alike still is mostly that it
 * says the same phrases more often, so beyond that the stronger of the two counts, and not both.
 */
function phrasesOrLikeness(strength: number, likeness: number): number {
  const most = Math.min(likenessMax, likeness);
  const usual = Math.min(quiteAlike, most);
  return likenessWeight * usual + Math.max(strengthWeight * strength, likenessWeight * (most - usual));
}
const strengthWeight = 0.15;
const likenessWeight = 2.78;
const quiteAlike = 0.8;
/** A paper can't be more of a topic than its best examples are, by much. */
const likenessMax = 1.3;

/** What speaks for a paper, of one topic's scores. */
export interface Evidence {
  strength: number;
  wording: number;
  likeness: number | undefined;
}

/** What a topic asks before a paper is its match. */
export interface Demands {
  /** Of a paper that has one of its phrases. */
  withPhrase: number;
  /** Of a paper that has none and is only alike to those that do. */
  withoutPhrase: number;
  /** Fewer papers with a phrase than this say too little about what is alike to them. */
  papersWithPhraseMin?: number;
}

/**
 * Curated topics list dozens of words, and meeting one in passing is not enough; what readers typed is taken at its
 * word. Papers without the words come in where the words are a search and no exact phrase, and where they are so alike
 * that half of them belong. A curated topic's dozens of words are somewhere in any hundred papers: where hardly any
 * has one of its phrases (astronomy among computer science), what is alike to those is no more of the topic.
 */
export const demands = {
  curated: { withPhrase: 0.22, withoutPhrase: 0.5, papersWithPhraseMin: 60 },
  typed: { withPhrase: 0, withoutPhrase: 0.5 },
  exact: { withPhrase: 0, withoutPhrase: Infinity },
  like: { withPhrase: 0, withoutPhrase: 0.3 },
} as const satisfies Record<string, Demands>;

export interface Found {
  /** The paper's place in the corpus. */
  paper: number;
  relevance: number;
  inTitle: boolean;
  /** The phrase that counts most, by its place among the topic's; -1 for a paper that is only alike. */
  phrase: number;
}

/** The target papers that meet a topic's demands. */
export function matchesOf(
  scores: TopicScores,
  targets: Int32Array,
  { withPhrase, withoutPhrase, papersWithPhraseMin = 0 }: Demands,
): Found[] {
  const found: Found[] = [];
  const withOne = scores.phrase.reduce((sum, phrase) => sum + Number(phrase >= 0), 0);
  const isTold = withOne >= papersWithPhraseMin;
  for (const paper of targets) {
    const phrase = scores.phrase[paper]!;
    const likeness = scores.likeness?.[paper];
    if (phrase < 0 && (!isTold || likeness === undefined || scores.isRuledOut?.[paper] === 1)) continue;
    if (phrase < 0 && sumAt(scores, paper) < ownEvidenceMin) continue;
    const relevance = relevanceAt(scores, paper);
    if (relevance < (phrase < 0 ? withoutPhrase : withPhrase)) continue;
    found.push({ paper, relevance, inTitle: scores.inTitle[paper] === 1, phrase });
  }
  return found;
}
/** A paper without a phrase must say this much for itself: what is near to it alone makes it no match. */
const ownEvidenceMin = 0.8;
