import { choose, type EditionIndex, isMatch, type Wish } from './ranking.ts';

/** What keeps a candidate out of a digest, or that nothing does. Places count from 1. */
export type Absence =
  | { because: 'comes'; place: number }
  /** It matches nothing that is followed, and taste alone does not bring it. */
  | { because: 'no_topic' }
  /** Nearly the same as a paper that comes. */
  | { because: 'twin'; twinId: number }
  /** Its author or its house has its share of the digest already. */
  | { because: 'crowded' }
  /** Others count more; `place` is left out where it is far down. */
  | { because: 'behind'; place?: number };

/** How far down the order is looked at. */
const placesMax = 200;

/**
 * Why one of the index's papers is not in the digest that `choose` makes of the same wish: told by that very choice, and
 * by the one that a longer digest would be. The paper must not be among those unwanted.
 */
export function whyNot(index: EditionIndex, wish: Wish, paperId: number): Absence {
  const chosen = choose(index, wish);
  const place = chosen.findIndex((choice) => choice.paperId === paperId) + 1;
  if (place > 0) return { because: 'comes', place };
  const twins = index.kin.get(paperId)?.twins;
  const twin =
    twins === undefined ? undefined : chosen.find((choice) => index.kin.get(choice.paperId)?.twins === twins);
  if (twin) return { because: 'twin', twinId: twin.paperId };
  if (comes(withoutKin(index, paperId), wish, paperId)) return { because: 'crowded' };
  const longer = choose(index, { ...wish, amount: placesMax });
  const further = longer.findIndex((choice) => choice.paperId === paperId) + 1;
  if (further > 0) return { because: 'behind', place: Math.max(further, wish.amount + 1) };
  const isFollowed = wish.topics.some(({ topicId }) => isMatch(index, topicId, paperId));
  return isFollowed ? { because: 'behind' } : { because: 'no_topic' };
}

function comes(index: EditionIndex, wish: Wish, paperId: number): boolean {
  return choose(index, wish).some((choice) => choice.paperId === paperId);
}

/** The index as if nobody else had made what this paper's makers made. */
function withoutKin(index: EditionIndex, paperId: number): EditionIndex {
  const kin = new Map(index.kin);
  kin.delete(paperId);
  return { ...index, kin };
}
