import { type Kysely, sql } from 'kysely';
import { daysBetween } from '../domain/cadence.ts';
import { freshnessOf, trendOf } from '../domain/appeal.ts';
import type { Pictures } from '../domain/picture.ts';
import { pictureColumn } from './pictures.ts';
import type { Database } from './schema.ts';
import type { DayState } from './tables/sources.ts';

/** A paper as a page lists it. */
export interface ListedPaper {
  key: string;
  title: string;
  abstract: string;
  summary: string;
  authors: string[];
  authorsCount: number;
  organization: string | null;
  publishedAt: Date | null;
  votes: number;
  comments: number;
  url: string;
  pdfUrl: string | null;
  codeUrl: string | null;
  projectUrl: string | null;
  /** As we serve it; null where it has none, or none yet. */
  pictures: Pictures | null;
}

/** One source's list of a day, and how far it was read. */
export interface SourceDay {
  source: string;
  day: string;
  state: DayState;
  papers: number;
  readAt: Date;
  note: string | null;
}

export const listSorts = ['votes', 'trending', 'newest'] as const;
export type ListSort = (typeof listSorts)[number];

/** A part of what was listed on some days. */
export interface ListWish {
  from: string;
  to: string;
  /** A curated topic's slug. */
  topic?: string | undefined;
  sort: ListSort;
  /** The UTC date from which a paper's age counts. */
  today: string;
  limit: number;
  offset: number;
}

/** The papers listed on these days by any source, and how many there are in all. */
export async function readListedPapers(
  db: Kysely<Database>,
  wish: ListWish,
): Promise<{ papers: ListedPaper[]; total: number }> {
  const { rows } = await sql<Placed>`
    select p.id, p.votes, l.place, l.newest from (
      select paper_id, min(place) place, max(listed_on) newest from listings
      where listed_on between ${wish.from} and ${wish.to} group by paper_id) l
    join papers p on p.id = l.paper_id
    where p.withdrawn_at is null and p.hidden_at is null ${
      wish.topic === undefined
        ? sql``
        : sql`and exists (select 1 from matches m join topics t on t.id = m.topic_id
            where m.paper_id = p.id and t.slug = ${wish.topic})`
    }
  `.execute(db);
  const ids = sortPlaced(rows, wish).map(({ id }) => id);
  const papers = await readPapers(db, ids.slice(wish.offset, wish.offset + wish.limit));
  return { papers, total: ids.length };
}

/** Papers by their ids, in that order. */
export async function readPapers(db: Kysely<Database>, ids: readonly number[]): Promise<ListedPaper[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<ListedPaper>`
    select ${listedColumns} from unnest(${ids}::int[]) with ordinality o(id, place)
    join papers p on p.id = o.id order by o.place
  `.execute(db);
  return rows;
}

/** What a page needs of `papers p`. */
export const listedColumns = sql`p.key, p.title, p.abstract, p.summary, p.authors,
  p.authors_count "authorsCount", p.organization, p.published_at "publishedAt", p.votes, p.comments, p.url,
  p.pdf_url "pdfUrl", p.code_url "codeUrl", p.project_url "projectUrl", ${pictureColumn} pictures`;

/** How many papers of these days belong to each curated topic, those with most first. */
export async function countByTopic(
  db: Kysely<Database>,
  { from, to }: { from: string; to: string },
): Promise<{ slug: string; name: string; papers: number }[]> {
  const { rows } = await sql<{ slug: string; name: string; papers: number }>`
    select t.slug, t.name, count(distinct l.paper_id)::int papers
    from listings l join matches m on m.paper_id = l.paper_id
    join topics t on t.id = m.topic_id and t.slug is not null and t.retired_at is null
    join papers p on p.id = l.paper_id and p.withdrawn_at is null and p.hidden_at is null
    where l.listed_on between ${from} and ${to} group by t.slug, t.name order by papers desc, t.name
  `.execute(db);
  return rows;
}

interface Placed {
  id: number;
  votes: number;
  place: number;
  newest: string;
}

/** Trending is what ranks digests: votes for the age, times freshness. */
function sortPlaced(rows: readonly Placed[], { sort, today }: ListWish): Placed[] {
  const trend = new Map<number, number>();
  if (sort === 'trending') {
    for (const { id, votes, newest } of rows) {
      const paper = { id, votes, ageDays: Math.max(0, daysBetween(newest, today) - 1) };
      trend.set(id, trendOf(paper) * freshnessOf(paper));
    }
  }
  return rows.toSorted(
    (a, b) =>
      (trend.get(b.id) ?? 0) - (trend.get(a.id) ?? 0) ||
      (sort === 'newest' && a.newest !== b.newest ? (a.newest < b.newest ? 1 : -1) : 0) ||
      b.votes - a.votes ||
      a.place - b.place ||
      a.id - b.id,
  );
}

/**
 * The newest date before `today` that lists any paper; where there is none, `today` itself when it does. A day's list grows
 * until the day is over, so the one before it is what digests are made of.
 */
export async function findNewestDate(db: Kysely<Database>, today: string): Promise<string | undefined> {
  const { rows } = await sql<{ date: string | null }>`
    select coalesce((select max(listed_on) from listings where listed_on < ${today}::date),
      (select max(listed_on) from listings where listed_on = ${today}::date)) date
  `.execute(db);
  return rows[0]?.date ?? undefined;
}

/** The nearest dates with papers before and after these days, up to and including `today`. */
export async function findNeighbours(
  db: Kysely<Database>,
  { from, to }: { from: string; to: string },
  today: string,
): Promise<{ previous: string | null; next: string | null }> {
  const { rows } = await sql<{ previous: string | null; next: string | null }>`
    select (select max(listed_on) from listings where listed_on < ${from}::date) previous,
      (select min(listed_on) from listings where listed_on > ${to}::date and listed_on <= ${today}::date) next
  `.execute(db);
  return rows[0]!;
}

/** What is known of the lists of one date. */
export async function readSourceDays(db: Kysely<Database>, date: string): Promise<SourceDay[]> {
  return sourceDays(db).where('day', '=', date).orderBy('source').execute();
}

/** What is known of the lists from a day on, newest first. */
export async function listSourceDaysSince(db: Kysely<Database>, day: string): Promise<SourceDay[]> {
  return sourceDays(db).where('day', '>=', day).orderBy('day', 'desc').orderBy('source').execute();
}

function sourceDays(db: Kysely<Database>) {
  return db
    .selectFrom('source_days')
    .select(['source', 'day', 'state', 'papers', 'read_at as readAt', 'note']);
}

/** A paper's title by its key. */
export async function readPaperTitle(db: Kysely<Database>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('papers').select('title').where('key', '=', key).executeTakeFirst();
  return row?.title;
}

/** Whether any source's list of a day was read, to its end or in part. */
export async function hasUsableList(db: Kysely<Database>, day: string): Promise<boolean> {
  const row = await db
    .selectFrom('source_days')
    .select('day')
    .where('day', '=', day)
    .where('state', 'in', ['complete', 'partial', 'holiday'])
    .executeTakeFirst();
  return row !== undefined;
}

/** On how many of these days anything was listed. */
export async function countListedDays(
  db: Kysely<Database>,
  { from, to }: { from: string; to: string },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct listed_on)::int n from listings where listed_on between ${from} and ${to}`.execute(
    db,
  );
  return rows[0]!.n;
}

/** Goes up whenever papers, topics or matches change. */
export async function readDataGeneration(db: Kysely<Database>): Promise<number> {
  const row = await db.selectFrom('installation').select('data_generation').executeTakeFirstOrThrow();
  return row.data_generation;
}
