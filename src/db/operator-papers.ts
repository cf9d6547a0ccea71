import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** A paper as operators see it: what came, from where, and what it matched. */
export interface OperatorPaper {
  key: string;
  title: string;
  votes: number;
  sources: string[];
  /** Curated topics by name, strongest first. */
  topics: string[];
  /** Topics that readers typed. */
  typedTopics: number;
  /** An editor's word on it; empty where there is none. */
  editorNote: string;
  hiddenAt: Date | null;
  withdrawnAt: Date | null;
}

/** Everything that any source listed on a day, in the order of the lists; the hidden and withdrawn too. */
export async function listPapersOfDay(
  db: Kysely<Database>,
  day: string,
  limit: number,
): Promise<OperatorPaper[]> {
  const { rows } = await sql<OperatorPaper>`
    with listed as (select paper_id, min(place) place, array_agg(source order by source) sources
      from listings where listed_on = ${day} group by paper_id order by 2, 1 limit ${limit})
    select ${columns}, l.sources from listed l join papers p on p.id = l.paper_id order by l.place, p.id
  `.execute(db);
  return rows;
}

/** The papers that operators hid, the last one first. */
export async function listHiddenPapers(db: Kysely<Database>, limit: number): Promise<OperatorPaper[]> {
  const { rows } = await sql<OperatorPaper>`
    select ${columns}, ${sourcesOf} sources from papers p where hidden_at is not null order by hidden_at desc limit ${limit}
  `.execute(db);
  return rows;
}

/** The papers that operators feature, the last one first. */
export async function listFeaturedPapers(db: Kysely<Database>, limit: number): Promise<OperatorPaper[]> {
  const { rows } = await sql<OperatorPaper>`
    select ${columns}, ${sourcesOf} sources from papers p
    where editor_note <> '' order by featured_at desc limit ${limit}`.execute(db);
  return rows;
}

/** One paper by its key, whatever became of it. */
export async function readOperatorPaper(
  db: Kysely<Database>,
  key: string,
): Promise<OperatorPaper | undefined> {
  const { rows } = await sql<OperatorPaper>`
    select ${columns}, ${sourcesOf} sources from papers p where key = ${key}`.execute(db);
  return rows[0];
}

const sourcesOf = sql`array(select distinct source from listings where paper_id = p.id order by source)`;

const columns = sql`p.key, p.title, p.votes, p.editor_note "editorNote", p.hidden_at "hiddenAt", p.withdrawn_at "withdrawnAt",
  array(select t.name from matches m join topics t on t.id = m.topic_id
    where m.paper_id = p.id and t.slug is not null order by m.relevance desc, t.name) topics,
  (select count(*)::int from matches m join topics t on t.id = m.topic_id
    where m.paper_id = p.id and t.slug is null) "typedTopics"`;
