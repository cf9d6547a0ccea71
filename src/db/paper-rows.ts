import { type RawBuilder, sql, type Transaction } from 'kysely';

import type { Authority, PaperRecord } from '../domain/paper.ts';
import type { Database } from './schema.ts';

export interface MergedPaper {
  record: PaperRecord;
  /** Undefined where no list holds it: only a new version was announced. */
  firstListedOn: string | undefined;
}

/**
 * One statement: joins what comes in with what is stored, and inserts or updates whole rows where the SHA-256 of all
 * facts differs. The caller holds the catalogue's lock, so nothing changes between the reading and the writing.
 */
export async function upsertChunk(
  trx: Transaction<Database>,
  chunk: readonly MergedPaper[],
  readAt: Date,
): Promise<{ added: number[]; updated: number[] }> {
  const { rows } = await sql<{ added: number[] | null; updated: number[] | null }>`
    with input as (select * from jsonb_to_recordset(${toJson(chunk)}::jsonb) as i(
      key text, version int, title text, abstract text, summary text, authors text[], authors_count int,
      organization text, categories text[], keywords text[], published_at timestamptz, url text, pdf_url text,
      code_url text, project_url text, thumbnail_url text, votes int, comments int, code_stars int,
      first_listed_on date, withdrawn boolean, text_rank int, tells_facts boolean)),
    joined as (select i.*, p.id, p.content_sha256 as stored_sha256, p.version as p_version, p.title as p_title,
        p.abstract as p_abstract, p.summary as p_summary, p.authors as p_authors, p.authors_count as p_authors_count,
        p.organization as p_organization, p.categories as p_categories, p.keywords as p_keywords,
        p.published_at as p_published_at, p.url as p_url, p.pdf_url as p_pdf_url, p.code_url as p_code_url,
        p.project_url as p_project_url, p.thumbnail_url as p_thumbnail_url, p.votes as p_votes,
        p.comments as p_comments, p.code_stars as p_code_stars, p.first_listed_on as p_first_listed_on,
        p.withdrawn_at as p_withdrawn_at, p.text_rank as p_text_rank, p.text_read_at as p_text_read_at,
        p.facts_read_at as p_facts_read_at,
        p.id is null or ${standing('i', sql`${readAt}::timestamptz`)} >= ${standing('p', sql`p.text_read_at`)} as wins,
        p.id is null or ${readAt}::timestamptz >= p.facts_read_at as newer
      from input i left join papers p on p.key = i.key),
    facts as (select id, stored_sha256, key,
        case when not wins then p_version when text_rank > 1 then version else coalesce(version, p_version) end as version,
        case when wins then title else p_title end as title,
        case when wins then url else p_url end as url,
        ${filled('wins', 'abstract', sql`nullif(abstract, '')`, sql`nullif(p_abstract, '')`, sql`''`)},
        ${filled('wins', 'authors', sql`nullif(authors, '{}')`, sql`nullif(p_authors, '{}')`, sql`'{}'`)},
        ${filled('wins', 'authors_count', sql`nullif(authors_count, 0)`, sql`nullif(p_authors_count, 0)`, sql`0`)},
        ${filled('wins', 'categories', sql`nullif(categories, '{}')`, sql`nullif(p_categories, '{}')`, sql`'{}'`)},
        ${filled('wins', 'pdf_url')},
        ${filled('newer', 'summary', sql`nullif(summary, '')`, sql`nullif(p_summary, '')`, sql`''`)},
        ${filled('newer', 'keywords', sql`nullif(keywords, '{}')`, sql`nullif(p_keywords, '{}')`, sql`'{}'`)},
        ${filled('newer', 'organization')}, ${filled('newer', 'code_url')}, ${filled('newer', 'project_url')},
        ${filled('newer', 'thumbnail_url')}, ${filled('newer', 'code_stars')},
        coalesce(case when newer then votes end, p_votes, votes, 0) as votes,
        coalesce(case when newer then comments end, p_comments, comments, 0) as comments,
        least(published_at, p_published_at) as published_at,
        least(first_listed_on, p_first_listed_on) as first_listed_on,
        coalesce(p_withdrawn_at, case when withdrawn then ${readAt}::timestamptz end) as withdrawn_at,
        case when wins then text_rank else p_text_rank end as text_rank,
        case when wins then ${readAt}::timestamptz else p_text_read_at end as text_read_at,
        case when p_facts_read_at is null or newer and tells_facts then ${readAt}::timestamptz
          else p_facts_read_at end as facts_read_at
      from joined),
    hashed as (select *, sha256(convert_to((to_jsonb(facts)
        - '{id,stored_sha256,published_at,withdrawn_at,text_read_at,facts_read_at}'::text[]
        || jsonb_build_array(extract(epoch from published_at), extract(epoch from withdrawn_at)))::text, 'UTF8'))
        as content_sha256 from facts),
    changed as (select *, setweight(to_tsvector('english', title), 'A')
        || setweight(to_tsvector('english', array_to_string(keywords, ', ')), 'B')
        || setweight(to_tsvector('english', case when abstract <> '' then abstract else summary end), 'C') as search
      from hashed where stored_sha256 is distinct from content_sha256),
    added as (
      insert into papers (${columns}, created_at, updated_at)
      select ${columns}, ${readAt}, ${readAt} from changed where id is null order by key
      returning id),
    updated as (
      update papers p set (${columns}, revision, updated_at) =
        (${changedColumns}, p.revision + 1, ${readAt}::timestamptz)
      from changed where p.id = changed.id
      returning p.id)
    select (select array_agg(id order by id) from added) as added,
      (select array_agg(id order by id) from updated) as updated
  `.execute(trx);
  return { added: rows[0]?.added ?? [], updated: rows[0]?.updated ?? [] };
}

/** Whose text counts for more: arXiv's; of that the newer version, then the better authority, then the newer reading. */
function standing(row: 'i' | 'p', readAt: RawBuilder<unknown>): RawBuilder<unknown> {
  const rank = sql.ref(`${row}.text_rank`);
  const version = sql.ref(`${row}.version`);
  return sql`(${rank} > 1, case when ${rank} > 1 then coalesce(${version}, 0) else 0 end, ${rank}, ${readAt})`;
}

const textRanks: Record<Authority, number> = { feed: 2, record: 3 };

/** A column from the record where that takes precedence, from the row otherwise, and from the other where one is silent. */
function filled(
  precedence: 'wins' | 'newer',
  column: string,
  told: RawBuilder<unknown> = sql.ref(column),
  stored: RawBuilder<unknown> = sql.ref(`p_${column}`),
  otherwise: RawBuilder<unknown> = sql`null`,
): RawBuilder<unknown> {
  return sql`coalesce(case when ${sql.ref(precedence)} then ${told} end, ${stored}, ${told}, ${otherwise}) as ${sql.ref(column)}`;
}

const columnNames = [
  'key',
  'version',
  'title',
  'abstract',
  'summary',
  'authors',
  'authors_count',
  'organization',
  'categories',
  'keywords',
  'published_at',
  'url',
  'pdf_url',
  'code_url',
  'project_url',
  'thumbnail_url',
  'votes',
  'comments',
  'code_stars',
  'first_listed_on',
  'withdrawn_at',
  'text_rank',
  'text_read_at',
  'facts_read_at',
  'content_sha256',
  'search',
];
const columns = sql.join(columnNames.map((name) => sql.ref(name)));
const changedColumns = sql.join(columnNames.map((name) => sql.ref(`changed.${name}`)));

function toJson(chunk: readonly MergedPaper[]): string {
  return JSON.stringify(
    chunk.map(({ record, firstListedOn }) => ({
      key: record.key,
      version: record.version,
      title: record.title,
      abstract: record.abstract,
      summary: record.summary,
      authors: record.authors,
      authors_count: record.authorsCount ?? record.authors?.length,
      organization: record.organization,
      categories: record.categories,
      keywords: record.keywords,
      published_at: record.publishedAt?.toISOString(),
      url: record.url,
      pdf_url: record.pdfUrl,
      code_url: record.codeUrl,
      project_url: record.projectUrl,
      thumbnail_url: record.thumbnailUrl,
      votes: record.votes,
      comments: record.comments,
      code_stars: record.codeStars,
      first_listed_on: firstListedOn,
      withdrawn: record.withdrawn ?? false,
      text_rank: record.authority ? textRanks[record.authority] : 1,
      tells_facts: factNames.some((name) => record[name] !== undefined),
    })),
  );
}

/** What copies know better than arXiv, which knows nothing of it. */
const factNames = [
  'summary',
  'keywords',
  'organization',
  'codeUrl',
  'projectUrl',
  'thumbnailUrl',
  'votes',
  'comments',
  'codeStars',
] as const;
