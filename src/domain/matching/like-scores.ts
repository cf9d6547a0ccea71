import type { Corpus } from './corpus.ts';
import type { Learner } from './profile.ts';
import type { TopicScores } from './topic-scores.ts';

const neighboursMax = 15;
/** Neighbours that are hardly alike say nothing: then likeness is held against this instead. */
const neighbourLikenessMin = 0.15;

/** How alike papers are to a few seeds ("like this paper"), and to the papers nearest to those. */
export function scoreLike(
  corpus: Corpus,
  learner: Learner,
  seeds: readonly number[],
  targets: Int32Array,
): TopicScores {
  const count = corpus.papers.length;
  const nothing = {
    strength: new Float64Array(count),
    wording: new Float64Array(count),
    inTitle: new Uint8Array(count),
  };
  const phrase = new Int16Array(count).fill(-1);
  if (seeds.length === 0) return { ...nothing, phrase, likeness: undefined };
  const isSeed = new Set(seeds);
  const own = seeds.map((paper) => ({ paper, weight: 1 }));
  const others = Int32Array.from(Array.from({ length: count }, (_, n) => n).filter((n) => !isSeed.has(n)));
  const first = learner.likeness(own, others);
  const near = [...others]
    .filter((paper) => paper < corpus.learned && first[paper]! > 0)
    .toSorted((a, b) => first[b]! - first[a]! || a - b)
    .slice(0, neighboursMax);
  const mean = near.reduce((sum, paper) => sum + first[paper]!, 0) / (near.length || 1);
  const examples = [...near.map((paper) => ({ paper, weight: first[paper]! })), ...own];
  const likeness = learner.likeness(examples, targets);
  const certainty = Math.min(1, mean / neighbourLikenessMin);
  for (const paper of targets) likeness[paper]! *= certainty;
  return { ...nothing, phrase, likeness };
}
