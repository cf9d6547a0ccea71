import type { Reader } from '../db/readers.ts';
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
  seen: ReadonlySet<number>,
  taste?: ReaderTaste,
): ChosenPaper[] {
  const topics = topicsOf(reader);
  return choose(index, wishOf(reader, index, seen, taste)).map(({ paperId, topicId, score }) => ({
    paperId,
    topicId,
    score,
    reasons: topicId === tasteTopicId ? likedBy(paperId, taste) : reasonsOf(index, paperId, topics, topicId),
  }));
}

/** What `choose` is asked for a reader. */
export function wishOf(
  reader: Pick<Reader, 'topics' | 'refused' | 'maxPapers'> & { muted?: readonly number[] },
  index: EditionIndex,
  seen: ReadonlySet<number>,
  taste?: ReaderTaste,
): Wish {
  const unwanted = unwantedOf(reader, index, seen);
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
  const topics = topicsOf(reader);
  return paperIds.map((paperId) => {
    const reasons = reasonsOf(index, paperId, topics);
    return { paperId, topicId: reasons[0]?.topicId ?? trendingTopicId, score: 0, reasons };
  });
}

/** What must not come: seen, refused, or of a muted topic, however well it matches another. */
function unwantedOf(
  { refused, muted = [] }: { refused: readonly number[]; muted?: readonly number[] },
  index: EditionIndex,
  seen: ReadonlySet<number>,
): ReadonlySet<number> {
  if (refused.length + muted.length === 0) return seen;
  const unwanted = new Set([...seen, ...refused]);
  for (const topicId of muted) {
    for (const paperId of index.topics.get(topicId)?.paperIds ?? []) unwanted.add(paperId);
  }
  return unwanted;
}

type Named = Pick<Reader['topics'][number], 'topicId' | 'name'>;

/** A topic of the reader that a paper matches, and where the paper stands in its column. */
interface Standing {
  topic: Named;
  column: TopicColumn;
  place: number;
  /** Its relevance; of the topic that the paper was taken under, more than any. */
  rank: number;
}

/** The topic it was taken under first, then the most relevant; of equal ones the older. */
function reasonsOf(
  index: EditionIndex,
  paperId: number,
  topics: readonly Named[],
  takenUnder?: number,
): ChosenReason[] {
  let first: Standing | undefined;
  let second: Standing | undefined;
  for (const topic of topics) {
    const column = index.topics.get(topic.topicId);
    const place = column ? placeOf(column, paperId) : -1;
    if (place < 0) continue;
    const rank = topic.topicId === takenUnder ? Infinity : column!.relevances[place]!;
    const standing = { topic, column: column!, place, rank };
    if (!first || comesBefore(standing, first)) [first, second] = [standing, first];
    else if (!second || comesBefore(standing, second)) second = standing;
  }
  const reasons: ChosenReason[] = [];
  if (first) reasons.push(reasonOf(first));
  if (second) reasons.push(reasonOf(second));
  return reasons;
}

function comesBefore(a: Standing, b: Standing): boolean {
  return a.rank > b.rank || (a.rank === b.rank && a.topic.topicId < b.topic.topicId);
}

function reasonOf({ topic: { topicId, name }, column, place }: Standing): ChosenReason {
  const { inTitle, phrase = null } = matchAt(column, place);
  return { topicId, name, inTitle, phrase };
}
