import type { Reader } from '../db/readers.ts';
import { IntegerSet } from '../domain/integer-set.ts';
import { choose, type Choice, type EditionIndex, tasteTopicId, type Wish } from '../domain/ranking.ts';
import { matchAt, placeOf, type TopicColumn } from '../domain/topic-column.ts';
import { trendingTopicId } from './edition-index.ts';
import type { ReaderTaste } from './reader-taste.ts';

/** A chosen paper with what explains it: at most two of the reader's topics it matches, the one it was taken under first. */
export interface ChosenPaper extends Choice {
  reasons: ChosenReason[];
}

export interface ChosenReason {
  topicId: number;
  /** The topic's, or where `liked`, the title of a paper that the reader liked. */
  name: string;
  inTitle: boolean;
  /** The topic's phrase that the paper has; null where it is only alike to the topic's papers. */
  phrase?: string | null;
  liked?: boolean;
}

const trending = [{ topicId: trendingTopicId, name: 'Trending', weight: 1 }];

/**
 * The papers of a reader's next digest, best first. A reader without topics gets what is trending. `taste` is what their
 * likes say of the candidates (see taste.ts).
 */
export function selectPapers(
  reader: Pick<Reader, 'topics' | 'refused' | 'maxPapers'> & { muted?: readonly number[] },
  index: EditionIndex,
  seen: readonly number[],
  taste?: ReaderTaste,
): ChosenPaper[] {
  const followed = followedOf(index, topicsOf(reader));
  usedAgain.clear();
  const wish = wishOf(reader, index, seen, taste, usedAgain);
  return choose(index, wish).map(({ paperId, topicId, score }) => ({
    paperId,
    topicId,
    score,
    reasons: topicId === tasteTopicId ? likedBy(paperId, taste) : reasonsOf(followed, paperId, topicId),
  }));
}

/** Selecting never waits, so no two readers are at it. */
const usedAgain = new IntegerSet();

/** What `choose` is asked for a reader. `unwanted`, which takes what must not come, is empty as yet. */
export function wishOf(
  reader: Pick<Reader, 'topics' | 'refused' | 'maxPapers'> & { muted?: readonly number[] },
  index: EditionIndex,
  seen: readonly number[],
  taste?: ReaderTaste,
  unwanted = new IntegerSet(),
): Wish {
  addUnwanted(unwanted, reader, index, seen);
  return { topics: topicsOf(reader), unwanted, amount: reader.maxPapers, ...(taste && { taste }) };
}

/** What a reader follows; of one who follows nothing, what is trending. */
export function topicsOf({ topics }: Pick<Reader, 'topics'>): Reader['topics'] {
  return topics.length > 0 ? topics : trending;
}

function likedBy(paperId: number, taste: ReaderTaste | undefined): ChosenReason[] {
  const liked = taste?.closestLiked(paperId);
  return liked ? [{ topicId: tasteTopicId, name: liked.title, inTitle: false, liked: true }] : [];
}

/** Papers chosen before, in their order, with what explains them now. */
export function explainPapers(
  reader: Pick<Reader, 'topics'>,
  index: EditionIndex,
  paperIds: readonly number[],
): ChosenPaper[] {
  const followed = followedOf(index, topicsOf(reader));
  return paperIds.map((paperId) => {
    const reasons = reasonsOf(followed, paperId);
    return { paperId, topicId: reasons[0]?.topicId ?? trendingTopicId, score: 0, reasons };
  });
}

/** What must not come: seen, refused, or of a muted topic, however well it matches another. */
function addUnwanted(
  unwanted: IntegerSet,
  { refused, muted = [] }: { refused: readonly number[]; muted?: readonly number[] },
  index: EditionIndex,
  seen: readonly number[],
): void {
  for (const paperId of seen) unwanted.add(paperId);
  for (const paperId of refused) unwanted.add(paperId);
  for (const topicId of muted) {
    for (const paperId of index.topics.get(topicId)?.paperIds ?? []) unwanted.add(paperId);
  }
}

/** What a reader follows, each topic beside its candidates: asked for seven times a digest, and found once. */
interface Followed {
  topics: Reader['topics'];
  columns: (TopicColumn | undefined)[];
}

function followedOf({ topics: columns }: EditionIndex, topics: Reader['topics']): Followed {
  return { topics, columns: topics.map(({ topicId }) => columns.get(topicId)) };
}

/**
 * The topic it was taken under first, then the most relevant; of equal ones the older. Seven times a reader, so no two values are
 * swapped by way of an array: each such array is made.
 */
function reasonsOf(followed: Followed, paperId: number, takenUnder?: number): ChosenReason[] {
  const { topics, columns } = followed;
  let [first, firstRank, second, secondRank] = [-1, 0, -1, 0];
  for (let n = 0; n < topics.length; n++) {
    const column = columns[n];
    const place = column ? placeOf(column, paperId) : -1;
    if (place < 0) continue;
    const rank = topics[n]!.topicId === takenUnder ? Infinity : column!.relevances[place]!;
    if (first < 0 || comesBefore(topics, n, rank, first, firstRank)) {
      second = first;
      secondRank = firstRank;
      first = n;
      firstRank = rank;
    } else if (second < 0 || comesBefore(topics, n, rank, second, secondRank)) {
      second = n;
      secondRank = rank;
    }
  }
  if (first < 0) return [];
  const reason = reasonOf(followed, first, paperId);
  return second < 0 ? [reason] : [reason, reasonOf(followed, second, paperId)];
}

function comesBefore(topics: Reader['topics'], a: number, aRank: number, b: number, bRank: number): boolean {
  return aRank > bRank || (aRank === bRank && topics[a]!.topicId < topics[b]!.topicId);
}

function reasonOf({ topics, columns }: Followed, n: number, paperId: number): ChosenReason {
  const { topicId, name } = topics[n]!;
  const { inTitle, phrase = null } = matchAt(columns[n]!, placeOf(columns[n]!, paperId));
  return { topicId, name, inTitle, phrase };
}
