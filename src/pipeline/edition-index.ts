import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { readNearest } from '../db/vectors.ts';
import { addDays, daysBetween, utcDate } from '../domain/cadence.ts';
import { fuse, type Near } from '../domain/matching/nearness.ts';
import { append } from '../domain/multimap.ts';
import type { LackingList } from '../domain/source-name.ts';
import { type IndexedPaper, risingOf } from '../domain/appeal.ts';
import { findTwins } from '../domain/near-duplicates.ts';
import { candidateDays, type EditionIndex, openIndex } from '../domain/ranking.ts';
import type { IndexedMatch } from '../domain/topic-column.ts';
import { openTurns } from './turns.ts';

/** The candidates of one moment, and whether the newest list among them is only partly read. */
export interface Candidates {
  index: EditionIndex;
  /** The candidates themselves, by id. */
  papers: ReadonlyMap<number, IndexedPaper>;
  partial: boolean;
  /** Sources whose list of the day before is not there. */
  lacking: readonly LackingList[];
  /** The UTC day of the newest list used; undefined when there is none. */
  newestDay: string | undefined;
}

/** Keeps the last few indexes in memory: ranges of one edition share one. */
export interface EditionIndexes {
  at(moment: Date): Promise<Candidates>;
}

/** Every reader's choice without topics: all candidates, by trend and freshness alone. */
export const trendingTopicId = 0;
const trendingRelevance = 0.1;
/** A list that was never read to its end is used when its day is over for this long (RULES 1). */
const partialAfterMs = 3 * 3_600_000;
const indexesKeptMax = 3;

interface UsableDay {
  source: string;
  day: string;
  state: string;
}

/** `usesMeanings` where an embedding model is configured: what it found near is joined with what words found. */
export function openEditionIndexes(db: Kysely<Database>, { usesMeanings = false } = {}): EditionIndexes {
  const kept = new Map<string, Promise<Candidates>>();
  let keptOf: number | undefined;
  return {
    async at(moment) {
      const [days, generation] = await Promise.all([readUsableDays(db, moment), readGeneration(db)]);
      // Once the data have changed nobody asks for what was made of them before.
      if (keptOf !== generation) kept.clear();
      keptOf = generation;
      const key = `${utcDate(moment)} ${days.map(({ source, day, state }) => source + day + state).join()}`;
      const known = kept.get(key);
      if (known) return known;
      const loading = loadCandidates(db, moment, days, usesMeanings);
      kept.set(key, loading);
      loading.catch(() => kept.get(key) === loading && kept.delete(key));
      for (const oldest of kept.keys()) if (kept.size > indexesKeptMax) kept.delete(oldest);
      return loading;
    },
  };
}

/** The source-days a digest made at `moment` draws on (RULES 1), newest first. */
async function readUsableDays(db: Kysely<Database>, moment: Date): Promise<UsableDay[]> {
  const today = utcDate(moment);
  const { rows } = await sql<UsableDay>`
    select source, day, state from source_days
    where day < ${today} and day >= ${addDays(today, -candidateDays)} and state in ('complete', 'partial')
    order by day desc, source
  `.execute(db);
  return rows.filter(
    ({ day, state }) =>
      state === 'complete' || moment.getTime() >= Date.parse(addDays(day, 1)) + partialAfterMs,
  );
}

async function readGeneration(db: Kysely<Database>): Promise<number> {
  const row = await db.selectFrom('installation').select('data_generation').executeTakeFirstOrThrow();
  return row.data_generation;
}

async function loadCandidates(
  db: Kysely<Database>,
  moment: Date,
  days: UsableDay[],
  usesMeanings: boolean,
): Promise<Candidates> {
  const today = utcDate(moment);
  const { rows } = await sql<CandidateRow>`
    select p.id, p.votes, p.first_listed_on listed, p.title, p.authors, p.organization,
      p.editor_note <> '' "isFeatured" from papers p
    where p.withdrawn_at is null and p.hidden_at is null and p.first_listed_on >= ${addDays(today, -candidateDays)}
      and exists (select 1 from listings l join unnest(${days.map((row) => row.source)}::text[],
        ${days.map((row) => row.day)}::date[]) d(source, day) on l.source = d.source and l.listed_on = d.day
        where l.paper_id = p.id)
    order by p.id
  `.execute(db);
  const rising = await readRising(db, today, rows);
  const twins = findTwins(rows);
  const papers = rows.map((row) =>
    toIndexed(row, today, { rising: rising.get(row.id), twins: twins.get(row.id) }),
  );
  const newestDay = days[0]?.day;
  const newest = days.filter(({ day }) => day === newestDay);
  return {
    index: await loadIndex(db, papers, usesMeanings),
    papers: new Map(papers.map((paper) => [paper.id, paper])),
    partial: newest.some(({ state }) => state === 'partial'),
    lacking: await readLacking(db, addDays(today, -1)),
    newestDay,
  };
}

async function readLacking(db: Kysely<Database>, day: string): Promise<LackingList[]> {
  const { rows } = await sql<LackingList>`
    select source, state from source_days where day = ${day} and state in ('stale', 'holiday', 'failed')
    order by source`.execute(db);
  return rows;
}

interface CandidateRow {
  id: number;
  votes: number;
  listed: string;
  title: string;
  authors: string[];
  organization: string | null;
  isFeatured: boolean;
}

function toIndexed(
  { id, votes, listed, authors, organization, isFeatured }: CandidateRow,
  today: string,
  { rising, twins }: { rising: number | undefined; twins: number | undefined },
): IndexedPaper {
  const makers = [authors[0], authors.length > 1 ? authors.at(-1) : undefined].filter(
    (name) => name !== undefined,
  );
  return {
    id,
    votes,
    ageDays: Math.max(0, daysBetween(listed, today) - 1),
    authors: makers,
    isFeatured,
    ...(rising !== undefined && { rising }),
    ...(twins !== undefined && { twins }),
    ...(organization !== null && { organization }),
  };
}

/**
 * Votes a day over the last two days up to the end of `today`, or since they were first counted; of papers whose votes
 * were counted twice. A count that stayed the same makes no snapshot, so the last one holds.
 */
async function readRising(
  db: Kysely<Database>,
  today: string,
  candidates: readonly CandidateRow[],
): Promise<Map<number, number>> {
  const until = new Date(`${addDays(today, 1)}T00:00:00Z`);
  const { rows } = await sql<{ id: number; votes: number; at: Date }>`
    select paper_id id, votes, captured_at at from snapshots
    where paper_id = any(${candidates.map(({ id }) => id)}::int[]) and captured_at < ${until}
    order by paper_id, captured_at
  `.execute(db);
  const counts = new Map<number, { votes: number; at: Date }[]>();
  for (const row of rows) counts.set(row.id, [...(counts.get(row.id) ?? []), row]);
  const rising = new Map<number, number>();
  for (const [id, own] of counts) {
    const perDay = risingOf(own, until);
    if (perDay !== undefined) rising.set(id, perDay);
  }
  return rising;
}

/** The index, topic by topic and in turns: made at one go, it kept the mail on its way waiting for a third of a second. */
async function loadIndex(
  db: Kysely<Database>,
  papers: readonly IndexedPaper[],
  usesMeanings: boolean,
): Promise<EditionIndex> {
  const index = openIndex(papers);
  const paperIds = papers.map(({ id }) => id);
  const nearest = new Map<number, Near[]>();
  if (usesMeanings) for (const near of await readNearest(db, paperIds)) append(nearest, near.topicId, near);
  const turns = openTurns();
  for (const topic of await readMatches(db, paperIds)) {
    if (turns.isOver()) await turns.next();
    index.addTopic(topic.topicId, fuse(matchesOf(topic), nearest.get(topic.topicId) ?? []));
  }
  const trending = { topicId: trendingTopicId, relevance: trendingRelevance, inTitle: false };
  index.addTopic(
    trendingTopicId,
    paperIds.map((paperId) => ({ ...trending, paperId })),
  );
  return index;
}

/** A row a topic, not a row a match: a hundred thousand rows took a second to read. */
async function readMatches(db: Kysely<Database>, paperIds: number[]): Promise<TopicMatches[]> {
  const { rows } = await sql<TopicMatches>`
    select topic_id "topicId", array_agg(paper_id order by paper_id) papers,
      json_agg(relevance::float8 order by paper_id) relevances, array_agg(in_title::int order by paper_id) titles,
      json_agg(phrase order by paper_id) phrases
    from matches where paper_id = any(${paperIds}::int[]) group by topic_id order by topic_id
  `.execute(db);
  return rows;
}

function matchesOf({ topicId, papers, relevances, titles, phrases }: TopicMatches): IndexedMatch[] {
  return papers.map((paperId, n) => ({
    topicId,
    paperId,
    relevance: relevances[n]!,
    inTitle: titles[n] === 1,
    phrase: phrases[n]!,
  }));
}

interface TopicMatches {
  topicId: number;
  papers: number[];
  relevances: number[];
  titles: number[];
  phrases: (string | null)[];
}
