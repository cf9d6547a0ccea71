import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Reader } from '../db/readers.ts';
import type { Composition } from '../domain/digest.ts';
import { choose, type Choice, type EditionIndex } from '../domain/ranking.ts';
import {
  type CardPaper,
  renderCard,
  renderDayline,
  renderMoreTopics,
  renderSlotLine,
  renderSubject,
  renderTopicName,
  renderWhy,
  topicsNamedMax,
} from '../render/fragments.ts';
import { type Candidates, trendingTopicId } from './edition-index.ts';

/** A chosen paper with what explains it: the reader's topics it matches, the one it was taken under first. */
export interface ChosenPaper extends Choice {
  reasons: { topicId: number; name: string; inTitle: boolean }[];
}

export interface StoredPaper extends CardPaper {
  id: number;
  revision: number;
}

/** A why line names at most this many topics. */
const reasonsMax = 2;
const trending = { topicId: trendingTopicId, name: 'Trending', weight: 1 };

/** The papers of a reader's next digest, best first. A reader without topics gets what is trending. */
export function selectPapers(
  reader: Pick<Reader, 'topics' | 'refused' | 'maxPapers'> & { muted?: readonly number[] },
  index: EditionIndex,
  seen: ReadonlySet<number>,
): ChosenPaper[] {
  const topics = reader.topics.length > 0 ? reader.topics : [trending];
  const unwanted = unwantedOf(reader, index, seen);
  const choices = choose(index, { topics, unwanted, amount: reader.maxPapers });
  const names = new Map(topics.map((topic) => [topic.topicId, topic.name]));
  return choices.map((choice) => ({ ...choice, reasons: explain(index, choice, names) }));
}

/** Papers chosen before, in their order, with what explains them now. */
export function explainPapers(
  reader: Pick<Reader, 'topics'>,
  index: EditionIndex,
  paperIds: readonly number[],
): ChosenPaper[] {
  const topics = reader.topics.length > 0 ? reader.topics : [trending];
  const names = new Map(topics.map((topic) => [topic.topicId, topic.name]));
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

function explain(index: EditionIndex, choice: Choice, names: ReadonlyMap<number, string>) {
  const matches = (index.matches.get(choice.paperId) ?? []).filter((match) => names.has(match.topicId));
  const ranked = matches.toSorted(
    (a, b) =>
      Number(b.topicId === choice.topicId) - Number(a.topicId === choice.topicId) ||
      b.relevance - a.relevance ||
      a.topicId - b.topicId,
  );
  return ranked
    .slice(0, reasonsMax)
    .map(({ topicId, inTitle }) => ({ topicId, name: names.get(topicId)!, inTitle }));
}

/** Turns choices into fragments, rendering each only where it is new to this process. */
export async function composeFragments(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: { localDate: string; candidates: Candidates; papers: ReadonlyMap<number, StoredPaper> },
): Promise<Composition> {
  const lead = edition.papers.get(chosen[0]!.paperId)!;
  const more = chosen.length - 1;
  const day = {
    localDate: edition.localDate,
    papers: chosen.length,
    chosenFrom: edition.candidates.index.papers,
    partial: edition.candidates.partial,
  };
  const slot = { timeZone: reader.timeZone, sendHour: reader.sendHour, weekdays: reader.weekdays };
  const { fragments } = ctx;
  return {
    subject: await fragments.idOf(`subject ${lead.id} ${lead.revision} ${more}`, () =>
      renderSubject(lead.title, more),
    ),
    dayline: await fragments.idOf(`day ${JSON.stringify(day)}`, () => renderDayline(day)),
    slot: await fragments.idOf(`slot ${JSON.stringify(slot)}`, () => renderSlotLine(slot)),
    topics: await footTopics(ctx, reader),
    cards: await Promise.all(
      chosen.map(async (paper, place) => ({
        card: await cardOf(ctx, edition.papers.get(paper.paperId)!, {
          lead: place === 0,
          today: edition.localDate,
          titlesOnly: reader.titlesOnly,
        }),
        why: await whyOf(ctx, paper),
      })),
    ),
  };
}

/** The papers that some digests need, by id, as the cards show them. */
export async function readCardPapers(ctx: Context, ids: Iterable<number>): Promise<Map<number, StoredPaper>> {
  const { rows } = await sql<StoredPaper>`
    select id, revision, key, title, abstract, summary, authors, authors_count "authorsCount", organization,
      published_at "publishedAt", votes, comments, code_stars "codeStars", url, pdf_url "pdfUrl", code_url "codeUrl",
      project_url "projectUrl", thumbnail_url "thumbnailUrl"
    from papers where id = any(${[...new Set(ids)]}::int[])
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
  const name = `card ${paper.id} ${paper.revision} ${how.lead} ${how.today} ${how.titlesOnly} ${baseUrl}`;
  return ctx.fragments.idOf(name, () => renderCard(paper, { ...how, baseUrl }));
}

function whyOf(ctx: Context, paper: ChosenPaper): Promise<number> {
  const reasons = paper.reasons.map(({ name, inTitle }) => ({ name, inTitle }));
  return ctx.fragments.idOf(`why ${JSON.stringify(reasons)}`, () => renderWhy(reasons));
}
