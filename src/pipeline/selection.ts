import type { Reader } from '../db/readers.ts';
import { choose, type Choice, type EditionIndex, tasteTopicId, type Wish } from '../domain/ranking.ts';
import { type IndexedMatch, matchAt, placeOf } from '../domain/topic-column.ts';
import { trendingTopicId } from './edition-index.ts';
import type { ReaderTaste } from './reader-taste.ts';

/** A chosen paper with what explains it: the reader's topics it matches, the one it was taken under first. */
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

/** A why line names at most this many topics. */
const reasonsMax = 2;
const trending = { topicId: trendingTopicId, name: 'Trending', weight: 1 };

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
    reasons:
      topicId === tasteTopicId
        ? likedBy(paperId, taste)
        : reasonsOf(matchesOf(index, paperId, topics), topicId),
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
  return topics.length > 0 ? topics : [trending];
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
    const matches = matchesOf(index, paperId, topics);
    const topicId = matches.toSorted(byRelevance)[0]?.topicId ?? trendingTopicId;
    return { paperId, topicId, score: 0, reasons: reasonsOf(matches, topicId) };
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

interface ReaderMatch {
  topicId: number;
  name: string;
  match: Omit<IndexedMatch, 'topicId'>;
}

/** A paper's matches among the reader's topics: a handful, out of the many topics that a paper may match. */
function matchesOf(index: EditionIndex, paperId: number, topics: readonly Named[]): ReaderMatch[] {
  const found: ReaderMatch[] = [];
  for (const { topicId, name } of topics) {
    const column = index.topics.get(topicId);
    const place = column ? placeOf(column, paperId) : -1;
    if (place >= 0) found.push({ topicId, name, match: matchAt(column!, place) });
  }
  return found;
}

type Named = Pick<Reader['topics'][number], 'topicId' | 'name'>;

/** The topic it was taken under first, then the most relevant. */
function reasonsOf(matches: readonly ReaderMatch[], takenUnder: number): ChosenReason[] {
  const ranked = matches.toSorted(
    (a, b) => Number(b.topicId === takenUnder) - Number(a.topicId === takenUnder) || byRelevance(a, b),
  );
  return ranked
    .slice(0, reasonsMax)
    .map(({ topicId, name, match: { inTitle, phrase = null } }) => ({ topicId, name, inTitle, phrase }));
}

function byRelevance(a: ReaderMatch, b: ReaderMatch): number {
  return b.match.relevance - a.match.relevance || a.topicId - b.topicId;
}
