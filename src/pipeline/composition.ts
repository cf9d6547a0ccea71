import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { pictureColumn } from '../db/pictures.ts';
import type { Reader } from '../db/readers.ts';
import type { Composition } from '../domain/digest.ts';
import { choose, type Choice, type EditionIndex, tasteTopicId, type Wish } from '../domain/ranking.ts';
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
  const names = new Map(topicsOf(reader).map((topic) => [topic.topicId, topic.name]));
  return choose(index, wishOf(reader, index, seen, taste)).map((choice) => ({
    ...choice,
    reasons: choice.topicId === tasteTopicId ? likedBy(choice, taste) : explain(index, choice, names),
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

function likedBy({ paperId }: Choice, taste: ReaderTaste | undefined): ChosenReason[] {
  const liked = taste?.closestLiked(paperId);
  return liked ? [{ topicId: tasteTopicId, name: liked.title, inTitle: false, liked: true }] : [];
}

/** Papers chosen before, in their order, with what explains them now. */
export function explainPapers(
  reader: Pick<Reader, 'topics'>,
  index: EditionIndex,
  paperIds: readonly number[],
): ChosenPaper[] {
  const names = new Map(topicsOf(reader).map((topic) => [topic.topicId, topic.name]));
  return paperIds.map((paperId) => {
    const matches = (index.matches.get(paperId) ?? []).filter((match) => names.has(match.topicId));
    const best = matches.toSorted((a, b) => b.relevance - a.relevance || a.topicId - b.topicId)[0];
    const choice = { paperId, topicId: best?.topicId ?? trendingTopicId, score: 0 };
    return { ...choice, reasons: explain(index, choice, names) };
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

function explain(index: EditionIndex, choice: Choice, names: ReadonlyMap<number, string>): ChosenReason[] {
  const matches = (index.matches.get(choice.paperId) ?? []).filter((match) => names.has(match.topicId));
  const ranked = matches.toSorted(
    (a, b) =>
      Number(b.topicId === choice.topicId) - Number(a.topicId === choice.topicId) ||
      b.relevance - a.relevance ||
      a.topicId - b.topicId,
  );
  return ranked
    .slice(0, reasonsMax)
    .map(({ topicId, inTitle, phrase = null }) => ({ topicId, name: names.get(topicId)!, inTitle, phrase }));
}

/** Turns choices into fragments, rendering each only where it is new to this process. */
export async function composeFragments(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: { localDate: string; candidates: Candidates; papers: ReadonlyMap<number, StoredPaper> },
): Promise<Composition> {
  const day = {
    localDate: edition.localDate,
    papers: chosen.length,
    chosenFrom: edition.candidates.index.papers,
    partial: edition.candidates.partial,
  };
  const slot = { timeZone: reader.timeZone, sendHour: reader.sendHour, weekdays: reader.weekdays };
  const { fragments } = ctx;
  return {
    ...(await contentOf(ctx, reader, chosen, edition)),
    dayline: await fragments.idOf(`day ${JSON.stringify(day)}`, () => renderDayline(day)),
    slot: await fragments.idOf(`slot ${JSON.stringify(slot)}`, () => renderSlotLine(slot)),
    topics: await footTopics(ctx, reader),
    isTextOnly: reader.isTextOnly,
  };
}

/** Subject and cards; without a paper, those of a note that says so. */
async function contentOf(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: { localDate: string; papers: ReadonlyMap<number, StoredPaper> },
): Promise<Pick<Composition, 'subject' | 'cards'>> {
  const { fragments } = ctx;
  const lead = chosen[0] && edition.papers.get(chosen[0].paperId)!;
  if (!lead) {
    const note = await fragments.idOf('empty day', renderEmptyDay);
    return {
      subject: await fragments.idOf('subject of an empty day', renderEmptySubject),
      cards: [{ card: note, why: note }],
    };
  }
  const more = chosen.length - 1;
  return {
    subject: await fragments.idOf(`subject ${lead.id} ${lead.revision} ${more}`, () =>
      renderSubject(lead.title, more),
    ),
    cards: await Promise.all(
      chosen.map(async (paper, place) => ({
        card: await cardOf(ctx, edition.papers.get(paper.paperId)!, {
          lead: place === 0,
          today: edition.localDate,
          titlesOnly: reader.titlesOnly,
        }),
        why: await whyOf(ctx, paper, edition.papers.get(paper.paperId)!.editorNote !== ''),
      })),
    ),
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

async function footTopics(ctx: Context, reader: Reader): Promise<number[]> {
  const topics = reader.topics.length > 0 ? reader.topics : [trending];
  const named = topics
    .slice(0, topicsNamedMax)
    .map(({ name }) => ctx.fragments.idOf(`topic ${name}`, () => renderTopicName(name)));
  const rest = topics.length - named.length;
  if (rest > 0) named.push(ctx.fragments.idOf(`topics ${rest}`, () => renderMoreTopics(rest)));
  return Promise.all(named);
}

function cardOf(
  ctx: Context,
  paper: StoredPaper,
  how: { lead: boolean; today: string; titlesOnly: boolean },
): Promise<number> {
  const baseUrl = ctx.config.publicUrl;
  // A picture may come after the first digest of an edition: the next one has it.
  const picture = how.lead ? paper.pictures?.wide.name : '';
  const name = `card ${paper.id} ${paper.revision} ${how.lead} ${how.today} ${how.titlesOnly} ${picture} ${baseUrl}`;
  return ctx.fragments.idOf(name, () => renderCard(paper, { ...how, baseUrl }));
}

function whyOf(ctx: Context, paper: ChosenPaper, isFeatured: boolean): Promise<number> {
  const reasons = paper.reasons.map(({ name, inTitle, liked }) => ({
    name,
    inTitle,
    ...(liked && { liked }),
  }));
  const name = `why ${isFeatured ? 'featured ' : ''}${JSON.stringify(reasons)}`;
  return ctx.fragments.idOf(name, () => renderWhy(reasons, isFeatured));
}
