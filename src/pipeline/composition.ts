import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { pictureColumn } from '../db/pictures.ts';
import type { Reader } from '../db/readers.ts';
import { type Composition, digestPapersMax, pack, unpack } from '../domain/digest.ts';
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
import type { Candidates } from './edition-index.ts';
import { openShelf, type Part, type Shelf } from './fragment-shelf.ts';
import { type ChosenPaper, topicsOf } from './selection.ts';
import { openTurns } from './turns.ts';

export interface StoredPaper extends CardPaper {
  id: number;
  revision: number;
}

/** What the digests of one edition have in common. */
export interface ComposedEdition {
  localDate: string;
  candidates: Candidates;
  papers: ReadonlyMap<number, StoredPaper>;
}

/** A reader and what was chosen for them. */
export interface Member {
  reader: Reader;
  chosen: readonly ChosenPaper[];
}

/** Turns a reader's choices into fragments, rendering each only where it is new to this process. */
export async function composeFragments(
  ctx: Context,
  reader: Reader,
  chosen: readonly ChosenPaper[],
  edition: ComposedEdition,
): Promise<Composition> {
  const [packed] = await composePacked(ctx, [{ reader, chosen }], edition);
  return unpack(packed!);
}

/** The same for many readers, each packed as a digest's row keeps it. Waits once, for what is new to all of them. */
export async function composePacked(
  ctx: Context,
  members: readonly Member[],
  edition: ComposedEdition,
): Promise<Buffer[]> {
  const shelf = openShelf(ctx.fragments);
  const turns = openTurns();
  const drafts: Composition<Part>[] = [];
  for (const member of members) {
    if (turns.isOver()) await turns.next();
    drafts.push(nameFragments(ctx, shelf, member, edition));
  }
  await shelf.settled();
  return drafts.map((draft) => pack(draft, idOf));
}

function idOf({ id }: Part): number {
  return id;
}

function nameFragments(
  ctx: Context,
  shelf: Shelf,
  { reader, chosen }: Member,
  edition: ComposedEdition,
): Composition<Part> {
  const { slotId, timeZone, sendHour, weekdays, isTextOnly } = reader;
  return {
    ...contentOf(ctx, shelf, { reader, chosen }, edition),
    dayline: daylineOf(shelf, chosen.length, edition),
    slot: shelf.take(
      'slot',
      slotId,
      () => `slot ${timeZone} ${sendHour} ${weekdays}`,
      () => renderSlotLine({ timeZone, sendHour, weekdays }),
    ),
    topics: footTopics(shelf, reader),
    isTextOnly,
  };
}

function daylineOf(shelf: Shelf, papers: number, { localDate, candidates }: ComposedEdition): Part {
  const { partial, lacking } = candidates;
  const chosenFrom = candidates.index.papers;
  return shelf.take(
    'dayline',
    papers,
    () => {
      const lists = lacking.map(({ source, state }) => `${source} ${state}`).join();
      return `day ${localDate} ${papers} ${chosenFrom} ${partial} ${lists}`;
    },
    () => renderDayline({ localDate, papers, chosenFrom, partial, lacking }),
  );
}

/** Subject and cards; without a paper, those of a note that says so. */
function contentOf(
  ctx: Context,
  shelf: Shelf,
  { reader, chosen }: Member,
  { localDate, papers }: ComposedEdition,
): Pick<Composition<Part>, 'subject' | 'cards'> {
  const lead = chosen[0] && papers.get(chosen[0].paperId)!;
  if (!lead) {
    const note = shelf.take('note', 'day', () => 'empty day', renderEmptyDay);
    const subject = shelf.take('note', 'subject', () => 'subject of an empty day', renderEmptySubject);
    return { subject, cards: [{ card: note, why: note }] };
  }
  const more = chosen.length - 1;
  const { titlesOnly } = reader;
  return {
    subject: shelf.take(
      'subject',
      lead.id * (digestPapersMax + 1) + more,
      () => `subject ${lead.id} ${lead.revision} ${more}`,
      () => renderSubject(lead.title, more),
    ),
    cards: chosen.map((choice, place) => {
      const paper = papers.get(choice.paperId)!;
      return {
        card: cardOf(ctx, shelf, paper, { lead: place === 0, today: localDate, titlesOnly }),
        why: whyOf(shelf, choice, paper.editorNote !== ''),
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

function footTopics(shelf: Shelf, reader: Reader): Part[] {
  const topics = topicsOf(reader);
  const named = topics.slice(0, topicsNamedMax).map(({ topicId, name }) =>
    shelf.take(
      'topic',
      topicId,
      () => `topic ${name}`,
      () => renderTopicName(name),
    ),
  );
  const rest = topics.length - named.length;
  if (rest > 0) {
    named.push(
      shelf.take(
        'more topics',
        rest,
        () => `topics ${rest}`,
        () => renderMoreTopics(rest),
      ),
    );
  }
  return named;
}

function cardOf(
  ctx: Context,
  shelf: Shelf,
  paper: StoredPaper,
  { lead, today, titlesOnly }: { lead: boolean; today: string; titlesOnly: boolean },
): Part {
  const look = (lead ? 2 : 0) + (titlesOnly ? 1 : 0);
  const baseUrl = ctx.config.publicUrl;
  return shelf.take(
    'card',
    paper.id * 4 + look,
    () => {
      // A picture may come after the first digest of an edition: the next one has it.
      const picture = lead ? paper.pictures?.wide.name : '';
      // Not by the date: a card of yesterday is today's too, as long as it needs no year.
      const withYear = isLongAgo(paper.publishedAt, today);
      return `card ${paper.id} ${paper.revision} ${lead} ${withYear} ${titlesOnly} ${picture} ${baseUrl}`;
    },
    () => renderCard(paper, { lead, today, titlesOnly, baseUrl }),
  );
}

function whyOf(shelf: Shelf, { reasons }: ChosenPaper, isFeatured: boolean): Part {
  let name = isFeatured ? 'featured' : 'why';
  // No name holds a zero byte: Postgres takes none.
  for (const reason of reasons) {
    name += `\0${reason.liked ? 'liked' : reason.inTitle ? 'title' : 'text'} ${reason.name}`;
  }
  return shelf.take(
    'why',
    name,
    () => name,
    () => renderWhy(reasons, isFeatured),
  );
}
