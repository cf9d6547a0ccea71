import type { Context } from '../context.ts';
import type { Reader } from '../db/readers.ts';
import { type Composition, digestPapersMax, pack, unpack } from '../domain/digest.ts';
import type { MailedDigest } from '../press/mailed-digest.ts';
import {
  renderCard,
  renderDayline,
  renderEmptyDay,
  renderEmptySubject,
  renderMoreTopics,
  renderSlotLine,
  renderSubject,
  renderTopicName,
  topicsNamedMax,
} from '../render/fragments.ts';
import { isLongAgo } from '../render/meta.ts';
import type { Candidates } from './edition-index.ts';
import type { StoredPaper } from './card-papers.ts';
import { openShelf, type Part, type Section, type Shelf } from './fragment-shelf.ts';
import { type ChosenPaper, topicsOf } from './selection.ts';
import { openTurns } from './turns.ts';
import { openWhyLines } from './why-line.ts';

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
  const composing = { ctx, edition, sections: openSections(shelf) };
  const turns = openTurns();
  const drafts: Composition<Part>[] = [];
  for (const member of members) {
    if (turns.isOver()) await turns.next();
    drafts.push(nameFragments(composing, member));
  }
  await shelf.settled();
  return drafts.map((draft) => pack(draft, idOf));
}

/** The same as rows, for mails that are put together without being stored. */
export async function composeUnstored(
  ctx: Context,
  members: readonly Member[],
  edition: ComposedEdition,
): Promise<MailedDigest[]> {
  const compositions = await composePacked(ctx, members, edition);
  return members.map(({ reader }, place) => ({
    subscriberId: reader.id,
    localDate: edition.localDate,
    composition: compositions[place]!,
    address: reader.address,
    addressVersion: reader.addressVersion,
    keyId: ctx.config.keys[0].id,
  }));
}

function idOf({ id }: Part): number {
  return id;
}

function openSections(shelf: Shelf) {
  return {
    subjects: shelf.section(),
    daylines: shelf.section(),
    slots: shelf.section(),
    topics: shelf.section(),
    furtherTopics: shelf.section(),
    cards: shelf.section(),
    whys: openWhyLines(shelf),
    notes: shelf.section(),
  };
}

interface Composing {
  ctx: Context;
  edition: ComposedEdition;
  sections: ReturnType<typeof openSections>;
}

// Two dozen times a reader a part is looked up, and found. What makes one that is not there stands behind a `??`, so that no
// name and no function is made for the others.

function nameFragments(composing: Composing, { reader, chosen }: Member): Composition<Part> {
  const { edition, sections } = composing;
  const lead = chosen[0] && edition.papers.get(chosen[0].paperId)!;
  return {
    subject: lead ? subjectOf(sections.subjects, lead, chosen.length - 1) : emptySubject(sections.notes),
    dayline: daylineOf(sections.daylines, chosen.length, edition),
    slot: slotOf(sections.slots, reader),
    topics: footTopics(sections, reader),
    cards: lead ? cardsOf(composing, reader, chosen) : emptyCards(sections.notes),
    isTextOnly: reader.isTextOnly,
  };
}

function subjectOf(subjects: Section, lead: StoredPaper, more: number): Part {
  const key = lead.id * (digestPapersMax + 1) + more;
  return (
    subjects.find(key) ??
    subjects.put(key, `subject ${lead.id} ${lead.revision} ${more}`, () => renderSubject(lead.title, more))
  );
}

function emptySubject(notes: Section): Part {
  return notes.find('subject') ?? notes.put('subject', 'subject of an empty day', renderEmptySubject);
}

/** A note that says so. */
function emptyCards(notes: Section): Composition<Part>['cards'] {
  const note = notes.find('day') ?? notes.put('day', 'empty day', renderEmptyDay);
  return [{ card: note, why: note, whyRest: undefined }];
}

function slotOf(slots: Section, { slotId, timeZone, sendHour, weekdays }: Reader): Part {
  return (
    slots.find(slotId) ??
    slots.put(slotId, `slot ${timeZone} ${sendHour} ${weekdays}`, () =>
      renderSlotLine({ timeZone, sendHour, weekdays }),
    )
  );
}

function daylineOf(daylines: Section, papers: number, { localDate, candidates }: ComposedEdition): Part {
  const known = daylines.find(papers);
  if (known) return known;
  const { partial, lacking } = candidates;
  const chosenFrom = candidates.index.papers;
  const lists = lacking.map(({ source, state }) => `${source} ${state}`).join();
  const name = `day ${localDate} ${papers} ${chosenFrom} ${partial} ${lists}`;
  return daylines.put(papers, name, () => renderDayline({ localDate, papers, chosenFrom, partial, lacking }));
}

function cardsOf(
  { ctx, edition, sections }: Composing,
  { titlesOnly }: Reader,
  chosen: readonly ChosenPaper[],
): Composition<Part>['cards'] {
  const { cards, whys } = sections;
  return chosen.map(({ paperId, reasons }, place) => {
    const paper = edition.papers.get(paperId)!;
    const look = (place === 0 ? 2 : 0) + (titlesOnly ? 1 : 0);
    const { why, whyRest } = whys.of(reasons, paper.editorNote !== '');
    return {
      card: cards.find(paper.id * looks + look) ?? putCard(ctx, cards, paper, look, edition.localDate),
      why,
      whyRest,
    };
  });
}

/** A card leads or not, and has the whole paper or its title alone. */
const looks = 4;

function putCard(ctx: Context, cards: Section, paper: StoredPaper, look: number, today: string): Part {
  const [lead, titlesOnly] = [look >= 2, look % 2 === 1];
  const baseUrl = ctx.config.publicUrl;
  // A picture may come after the first digest of an edition: the next one has it.
  const picture = lead ? paper.pictures?.wide.name : '';
  // Not by the date: a card of yesterday is today's too, as long as it needs no year.
  const withYear = isLongAgo(paper.publishedAt, today);
  const name = `card ${paper.id} ${paper.revision} ${lead} ${withYear} ${titlesOnly} ${picture} ${baseUrl}`;
  return cards.put(paper.id * looks + look, name, () =>
    renderCard(paper, { lead, today, titlesOnly, baseUrl }),
  );
}

function footTopics({ topics: section, furtherTopics }: Composing['sections'], reader: Reader): Part[] {
  const topics = topicsOf(reader);
  const named: Part[] = [];
  for (const { topicId, name } of topics) {
    if (named.length === topicsNamedMax) break;
    named.push(section.find(topicId) ?? section.put(topicId, `topic ${name}`, () => renderTopicName(name)));
  }
  const rest = topics.length - named.length;
  if (rest > 0) {
    const further = furtherTopics.find(rest);
    named.push(further ?? furtherTopics.put(rest, `topics ${rest}`, () => renderMoreTopics(rest)));
  }
  return named;
}
