import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { pictureColumn } from '../db/pictures.ts';
import type { Reader } from '../db/readers.ts';
import { type Composition, pack, unpack } from '../domain/digest.ts';
import {
  choose,
  type Choice,
  type EditionIndex,
  type IndexedMatch,
  tasteTopicId,
  type Wish,
} from '../domain/ranking.ts';
import {
  type CardPaper,
  renderCard,
  renderDayline,
  renderEmptyDay,
  renderEmptySubject,
  renderMoreTopics,
  renderSlotLine,
  renderSubject,
  renderTopicName,
  renderWhy,
  topicsNamedMax,
} from '../render/fragments.ts';
import { isLongAgo } from '../render/meta.ts';
import { type Candidates, trendingTopicId } from './edition-index.ts';
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

export interface StoredPaper extends CardPaper {
  id: number;
  revision: number;
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

function topicsOf({ topics }: Pick<Reader, 'topics'>): Reader['topics'] {
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
  match: IndexedMatch;
}

/** A paper's matches among the reader's topics: a handful, out of the many topics that a paper may match. */
function matchesOf(index: EditionIndex, paperId: number, topics: readonly Named[]): ReaderMatch[] {
  const found: ReaderMatch[] = [];
  const all = index.matches.get(paperId);
  if (!all) return found;
  for (const { topicId, name } of topics) {
    const match = all.get(topicId);
    if (match) found.push({ topicId, name, match });
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

/** What the digests of one edition have in common. */
export interface ComposedEdition {
  localDate: string;
  candidates: Candidates;
  papers: ReadonlyMap<number, StoredPaper>;
}

/** Turns choices into fragments, rendering each only where it is new to this process. */
export async function composeFragments(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: ComposedEdition,
): Promise<Composition> {
  return unpack(await composePacked(ctx, reader, chosen, edition));
}

/** The same, packed as a digest's row keeps it. Waits only for what is new. */
export async function composePacked(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: ComposedEdition,
): Promise<number[]> {
  const packed = pack(nameFragments(ctx, reader, chosen, edition));
  if (packed.every((id) => typeof id === 'number')) return packed;
  return Promise.all(packed.map(async (id) => id));
}

/** Known at once, or on its way. */
type FragmentId = number | Promise<number>;

function nameFragments(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: ComposedEdition,
): Composition<FragmentId> {
  const { localDate, candidates } = edition;
  const { timeZone, sendHour, weekdays, isTextOnly } = reader;
  const chosenFrom = candidates.index.papers;
  const { partial, lacking } = candidates;
  const day = { localDate, papers: chosen.length, chosenFrom, partial, lacking };
  const lists = lacking.map(({ source, state }) => `${source} ${state}`).join();
  const { fragments } = ctx;
  return {
    ...contentOf(ctx, reader, chosen, edition),
    dayline: fragments.idOf(`day ${localDate} ${chosen.length} ${chosenFrom} ${partial} ${lists}`, () =>
      renderDayline(day),
    ),
    slot: fragments.idOf(`slot ${timeZone} ${sendHour} ${weekdays}`, () =>
      renderSlotLine({ timeZone, sendHour, weekdays }),
    ),
    topics: footTopics(ctx, reader),
    isTextOnly,
  };
}

/** Subject and cards; without a paper, those of a note that says so. */
function contentOf(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  { localDate, papers }: ComposedEdition,
): Pick<Composition<FragmentId>, 'subject' | 'cards'> {
  const { fragments } = ctx;
  const lead = chosen[0] && papers.get(chosen[0].paperId)!;
  if (!lead) {
    const note = fragments.idOf('empty day', renderEmptyDay);
    return {
      subject: fragments.idOf('subject of an empty day', renderEmptySubject),
      cards: [{ card: note, why: note }],
    };
  }
  const more = chosen.length - 1;
  const { titlesOnly } = reader;
  return {
    subject: fragments.idOf(`subject ${lead.id} ${lead.revision} ${more}`, () =>
      renderSubject(lead.title, more),
    ),
    cards: chosen.map((choice, place) => {
      const paper = papers.get(choice.paperId)!;
      return {
        card: cardOf(ctx, paper, { lead: place === 0, today: localDate, titlesOnly }),
        why: whyOf(ctx, choice, paper.editorNote !== ''),
      };
    }),
  };
}

/** The papers that some digests need, by id, as the cards show them. */
export async function readCardPapers(ctx: Context, ids: Iterable<number>): Promise<Map<number, StoredPaper>> {
  const { rows } = await sql<StoredPaper>`
    select id, revision, key, title, abstract, summary, authors, authors_count "authorsCount", organization,
      published_at "publishedAt", votes, comments, code_stars "codeStars", url, pdf_url "pdfUrl", code_url "codeUrl",
      project_url "projectUrl", editor_note "editorNote", ${pictureColumn} pictures
    from papers p where id = any(${[...new Set(ids)]}::int[])
  `.execute(ctx.db);
  return new Map(rows.map((row) => [row.id, row]));
}

function footTopics(ctx: Context, reader: Reader): FragmentId[] {
  const topics = topicsOf(reader);
  const named = topics
    .slice(0, topicsNamedMax)
    .map(({ name }) => ctx.fragments.idOf(`topic ${name}`, () => renderTopicName(name)));
  const rest = topics.length - named.length;
  if (rest > 0) named.push(ctx.fragments.idOf(`topics ${rest}`, () => renderMoreTopics(rest)));
  return named;
}

function cardOf(
  ctx: Context,
  paper: StoredPaper,
  { lead, today, titlesOnly }: { lead: boolean; today: string; titlesOnly: boolean },
): FragmentId {
  const baseUrl = ctx.config.publicUrl;
  // A picture may come after the first digest of an edition: the next one has it.
  const picture = lead ? paper.pictures?.wide.name : '';
  // Not by the date: a card of yesterday is today's too, as long as it needs no year.
  const withYear = isLongAgo(paper.publishedAt, today);
  const name = `card ${paper.id} ${paper.revision} ${lead} ${withYear} ${titlesOnly} ${picture} ${baseUrl}`;
  return ctx.fragments.idOf(name, () => renderCard(paper, { lead, today, titlesOnly, baseUrl }));
}

function whyOf(ctx: Context, { reasons }: ChosenPaper, isFeatured: boolean): FragmentId {
  let name = isFeatured ? 'featured' : 'why';
  // No name holds a zero byte: Postgres takes none.
  for (const reason of reasons) {
    name += `\0${reason.liked ? 'liked' : reason.inTitle ? 'title' : 'text'} ${reason.name}`;
  }
  return ctx.fragments.idOf(name, () => renderWhy(reasons, isFeatured));
}
