import { type Kysely, sql } from 'kysely';
import { type ListedPaper, listedColumns } from './listings.ts';
import type { Database } from './schema.ts';

/** A paper with everything its own page says. */
export interface WholePaper extends ListedPaper {
  id: number;
  version: number | null;
  categories: string[];
  withdrawnAt: Date | null;
  editorNote: string;
  listings: { source: string; listedOn: string }[];
  /** Curated topics it belongs to, strongest first. */
  topics: { id: number; slug: string; name: string }[];
}

const similarMax = 6;
/** Papers looked at for likeness: the newest of those that share a topic. */
const similarPoolMax = 1500;

/** A paper by its stable key, unless an operator hid it. */
export async function readWholePaper(db: Kysely<Database>, key: string): Promise<WholePaper | undefined> {
  const { rows } = await sql<WholePaper>`
    select p.id, p.version, p.categories, p.withdrawn_at "withdrawnAt", p.editor_note "editorNote", ${listedColumns},
      (select coalesce(json_agg(json_build_object('source', source, 'listedOn', listed_on::text)
        order by listed_on, source), '[]') from listings l where l.paper_id = p.id) listings,
      (select coalesce(json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name)
        order by m.relevance desc, t.name), '[]') from matches m join topics t on t.id = m.topic_id
        where m.paper_id = p.id and t.slug is not null and t.retired_at is null) topics
    from papers p where p.key = ${key} and p.hidden_at is null
  `.execute(db);
  return rows[0];
}

/**
 * Papers like this one: those that share its topics, by how strongly they do and by how many words of its title
 * and keywords they have. Words alone decide where it has no topic.
 */
export async function findSimilar(db: Kysely<Database>, paperId: number): Promise<ListedPaper[]> {
  const { rows } = await sql<ListedPaper>`
    with words as (
      select string_agg(quote_literal(lexeme), ' | ')::tsquery query
      from papers, unnest(ts_filter(search, '{a,b}')) where id = ${paperId}),
    own as (select topic_id, relevance from matches where paper_id = ${paperId}),
    pool as (
      select p.id, sum(least(m.relevance, own.relevance)) shared
      from own join matches m on m.topic_id = own.topic_id join papers p on p.id = m.paper_id
      where p.id <> ${paperId} and p.withdrawn_at is null and p.hidden_at is null
      group by p.id order by p.first_listed_on desc nulls last, p.id limit ${similarPoolMax}),
    wide as (
      select p.id, 0::real shared from papers p, words
      where not exists (select 1 from own) and p.search @@ words.query and p.id <> ${paperId}
        and p.withdrawn_at is null and p.hidden_at is null
      order by p.first_listed_on desc nulls last, p.id limit ${similarPoolMax}),
    scored as (
      select p.id, 0.5 * c.shared + 1 - exp(-4 * coalesce(ts_rank('{0.1, 0.4, 0.4, 1.0}', p.search, words.query, 1), 0))
        score
      from (select * from pool union all select * from wide) c join papers p on p.id = c.id cross join words)
    select ${listedColumns} from scored join papers p on p.id = scored.id
    order by scored.score desc, p.id limit ${similarMax}
  `.execute(db);
  return rows;
}
