import type { Context } from '../context.ts';
import { matchDefinitions } from '../db/matches.ts';
import { type Reader, weightOf } from '../db/readers.ts';
import { findTopicIds, openTopicReader } from '../db/topics.ts';
import type { Choices } from '../domain/choices.ts';
import { type EditionIndex, withMatches } from '../domain/ranking.ts';
import { type Topic, type TopicDefinition, topicKey } from '../domain/topic.ts';
import { readCardPapers } from './card-papers.ts';
import { selectPapers } from './selection.ts';
import type { Candidates } from './edition-index.ts';
import { describe, type PreviewedPaper } from './previewed-paper.ts';

/** What a form's choices would bring; nothing of it is stored, so words that are no topic yet stay none. */
export interface AsIfSaved {
  reader: Reader;
  index: EditionIndex;
}

/**
 * The reader as if these choices were saved, and an index that knows their topics. A topic that does not exist yet is
 * matched with the candidates alone, under an id below zero.
 */
export async function asIfSaved(
  ctx: Context,
  reader: Reader,
  candidates: Candidates,
  choices: Choices,
): Promise<AsIfSaved> {
  const texts = [...choices.topics, ...(choices.muted ?? [])];
  const read = await openTopicReader(ctx.db);
  const parsed = new Map(texts.map((text) => [text, read(text)]));
  const topics = [...parsed.values()].filter((topic): topic is Topic => !('fault' in topic));
  const { ids, index } = await indexWith(ctx, candidates, [
    ...new Map(topics.map((topic) => [topicKey(topic), topic])).values(),
  ]);
  const idOf = (text: string) => {
    const topic = parsed.get(text);
    return topic && !('fault' in topic) ? ids.get(topicKey(topic)) : undefined;
  };
  const more = new Set((choices.more ?? []).map(idOf));
  const followed = new Map<number, { topicId: number; name: string; weight: number }>();
  for (const text of choices.topics) {
    const topicId = idOf(text);
    if (topicId === undefined) continue;
    const { name } = parsed.get(text) as Topic;
    followed.set(topicId, { topicId, name, weight: weightOf(reader.taste, topicId, more.has(topicId)) });
  }
  const muted = (choices.muted ?? []).map(idOf).filter((id) => id !== undefined);
  const { timeZone, sendHour, weekdays, maxPapers, layout, emptyDays } = choices;
  return {
    reader: {
      ...reader,
      timeZone,
      sendHour,
      weekdays,
      maxPapers,
      topics: [...followed.values()],
      muted: choices.muted ? muted : reader.muted,
      titlesOnly: layout ? layout === 'titles' : reader.titlesOnly,
      isTextOnly: choices.isTextOnly ?? reader.isTextOnly,
      wantsNote: emptyDays ? emptyDays === 'note' : reader.wantsNote,
    },
    index,
  };
}

export interface PreviewedChoices {
  /** From the newest lists, best first. */
  papers: PreviewedPaper[];
  /** Papers a day that each topic had in the last week. */
  amounts: { name: string; papersADay: number }[];
}

const weekDays = 7;

/** What somebody with these choices would have got. */
export async function previewChoices(ctx: Context, choices: Choices): Promise<PreviewedChoices> {
  const candidates = await ctx.indexes.at(ctx.now());
  const { reader, index } = await asIfSaved(ctx, nobody, candidates, choices);
  const chosen = selectPapers(reader, index, []);
  const papers = await readCardPapers(
    ctx,
    chosen.map(({ paperId }) => paperId),
  );
  const isOfWeek = (id: number) => (candidates.papers.get(id)?.ageDays ?? weekDays) < weekDays;
  const amountOf = (topicId: number) =>
    (index.topics.get(topicId)?.paperIds ?? new Int32Array()).filter(isOfWeek).length / weekDays;
  return {
    papers: chosen.map((choice) => describe(choice, papers.get(choice.paperId)!)),
    amounts: reader.topics.map(({ topicId, name }) => ({ name, papersADay: amountOf(topicId) })),
  };
}

async function indexWith(
  ctx: Context,
  candidates: Candidates,
  topics: readonly TopicDefinition[],
): Promise<{ ids: Map<string, number>; index: EditionIndex }> {
  const ids = await findTopicIds(ctx.db, topics);
  const unknown = topics.filter((topic) => !ids.has(topicKey(topic)));
  const found = await matchDefinitions(ctx.db, unknown, [...candidates.papers.keys()]);
  const matches = found.map(({ place, ...match }) => ({ ...match, topicId: -1 - place }));
  for (const [place, topic] of unknown.entries()) ids.set(topicKey(topic), -1 - place);
  return { ids, index: withMatches(candidates.index, candidates.papers, matches) };
}

/** A reader of whom nothing is known. */
const nobody: Reader = {
  id: 0,
  address: '',
  addressVersion: 1,
  status: 'unconfirmed',
  maxPapers: 7,
  slotId: 0,
  timeZone: 'UTC',
  sendHour: 7,
  weekdays: 127,
  topics: [],
  muted: [],
  refused: [],
  taste: new Map(),
  judged: { more: [], less: [] },
  titlesOnly: false,
  isTextOnly: false,
  wantsNote: false,
};
