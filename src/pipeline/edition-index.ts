import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { addDays, daysBetween, utcDate } from '../domain/cadence.ts';
import {
  buildIndex,
  candidateDays,
  type EditionIndex,
  type IndexedMatch,
  type IndexedPaper,
} from '../domain/ranking.ts';

/** The candidates of one moment, and whether the newest list among them is only partly read. */
export interface Candidates {
  index: EditionIndex;
  /** The candidates themselves, by id. */
  papers: ReadonlyMap<number, IndexedPaper>;
  partial: boolean;
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

export function openEditionIndexes(db: Kysely<Database>): EditionIndexes {
  const kept = new Map<string, Promise<Candidates>>();
  return {
    async at(moment) {
      const [days, generation] = await Promise.all([readUsableDays(db, moment), readGeneration(db)]);
      const key = `${utcDate(moment)} ${generation} ${days.map(({ source, day, state }) => source + day + state).join()}`;
      const known = kept.get(key);
      if (known) return known;
      const loading = loadCandidates(db, moment, days);
      kept.set(key, loading);
      loading.catch(() => kept.delete(key));
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

async function loadCandidates(db: Kysely<Database>, moment: Date, days: UsableDay[]): Promise<Candidates> {
  const today = utcDate(moment);
  const { rows } = await sql<{ id: number; votes: number; listed: string }>`
    select p.id, p.votes, p.first_listed_on listed from papers p
    where p.withdrawn_at is null and p.hidden_at is null and p.first_listed_on >= ${addDays(today, -candidateDays)}
      and exists (select 1 from listings l join unnest(${days.map((row) => row.source)}::text[],
        ${days.map((row) => row.day)}::date[]) d(source, day) on l.source = d.source and l.listed_on = d.day
        where l.paper_id = p.id)
    order by p.id
  `.execute(db);
  const papers = rows.map(({ id, votes, listed }) => ({
    id,
    votes,
    ageDays: Math.max(0, daysBetween(listed, today) - 1),
  }));
  const matches = await readMatches(
    db,
    papers.map((paper) => paper.id),
  );
  for (const { id } of papers) {
    matches.push({ topicId: trendingTopicId, paperId: id, relevance: trendingRelevance, inTitle: false });
  }
  const newestDay = days[0]?.day;
  const newest = days.filter(({ day }) => day === newestDay);
  return {
    index: buildIndex(papers, matches),
    papers: new Map(papers.map((paper) => [paper.id, paper])),
    partial: newest.some(({ state }) => state === 'partial'),
    newestDay,
  };
}

async function readMatches(db: Kysely<Database>, paperIds: number[]): Promise<IndexedMatch[]> {
  const { rows } = await sql<IndexedMatch>`
    select topic_id "topicId", paper_id "paperId", relevance::float8 relevance, in_title "inTitle"
    from matches where paper_id = any(${paperIds}::int[]) order by topic_id, paper_id
  `.execute(db);
  return rows;
}
