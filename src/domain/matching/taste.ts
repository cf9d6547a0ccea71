import type { Corpus } from './corpus.ts';
import type { Learner } from './profile.ts';
import { relevanceOf } from './relevance.ts';
import { scoreLike } from './like-scores.ts';

/** Papers of which a reader wanted more or less, by their place in the corpus. */
export interface Judged {
  more: readonly number[];
  less: readonly number[];
}

/** Papers alike to those refused lose this much of that likeness. */
const refusalWeight = 0.5;
const shareMax = 0.6;
const likesForHalfOfMost = 3;

/**
 * How much taste counts beside the topics after so many likes: nothing without any, three tenths after three, half
 * after fifteen, never more than three fifths, so that a topic somebody follows is never lost. (Topics carry a new reader,
 * and the mixture is better than either alone: docs/relevance.md.)
 */
export function tasteShare(likes: number): number {
  return (shareMax * likes) / (likes + likesForHalfOfMost);
}

/** How well each target paper suits what a reader liked, from 0 to 1; undefined for a reader who liked nothing. */
export function scoreTaste(
  corpus: Corpus,
  learner: Learner,
  { more, less }: Judged,
  targets: Int32Array,
): Float64Array | undefined {
  const liked = scoreLike(corpus, learner, more, targets).likeness;
  if (!liked) return undefined;
  const refused = scoreLike(corpus, learner, less, targets).likeness;
  const taste = new Float64Array(corpus.papers.length);
  for (const paper of targets) {
    const unlike = refused ? refusalWeight * Math.max(0, refused[paper]!) : 0;
    taste[paper] = relevanceOf({ strength: 0, wording: 0, likeness: liked[paper]! - unlike });
  }
  return taste;
}

/** Relevance by topic and by taste as one: their odds, weighted. */
export function blend(relevance: number, taste: number, share: number): number {
  const odds = (1 - share) * logOdds(relevance) + share * logOdds(taste);
  return 1 / (1 + Math.exp(-odds));
}

function logOdds(chance: number): number {
  const safe = Math.min(1 - certainMargin, Math.max(certainMargin, chance));
  return Math.log(safe / (1 - safe));
}
const certainMargin = 1e-6;
