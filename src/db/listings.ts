import { type Kysely, sql } from 'kysely';
import type { Database, DayState } from './schema.ts';

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
  thumbnailUrl: string | null;
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

/** The papers listed on a date by any source, those with most votes first; at most `limit`. */
export async function readListedPapers(
  db: Kysely<Database>,
  date: string,
  limit: number,
): Promise<ListedPaper[]> {
  const { rows } = await sql<ListedPaper>`
    select p.key, p.title, p.abstract, p.summary, p.authors, p.authors_count "authorsCount", p.organization,
      p.published_at "publishedAt", p.votes, p.comments, p.url, p.pdf_url "pdfUrl", p.code_url "codeUrl",
      p.project_url "projectUrl", p.thumbnail_url "thumbnailUrl"
    from (select paper_id, min(place) place from listings where listed_on = ${date} group by paper_id) l
    join papers p on p.id = l.paper_id
    where p.withdrawn_at is null order by p.votes desc, l.place, p.id limit ${limit}
  `.execute(db);
  return rows;
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

/** The dates with papers next to `date`, up to and including `today`. */
export async function findNeighbours(
  db: Kysely<Database>,
  date: string,
  today: string,
): Promise<{ previous: string | null; next: string | null }> {
  const { rows } = await sql<{ previous: string | null; next: string | null }>`
    select (select max(listed_on) from listings where listed_on < ${date}::date) previous,
      (select min(listed_on) from listings where listed_on > ${date}::date and listed_on <= ${today}::date) next
  `.execute(db);
  return rows[0]!;
}

/** What is known of the lists of one date. */
export async function readSourceDays(db: Kysely<Database>, date: string): Promise<SourceDay[]> {
  return sourceDays(db).where('day', '=', date).orderBy('source').execute();
}

/** What is known of the newest lists, newest first. */
export async function listSourceDays(db: Kysely<Database>, limit: number): Promise<SourceDay[]> {
  return sourceDays(db).orderBy('day', 'desc').orderBy('source').limit(limit).execute();
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
