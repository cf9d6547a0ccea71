import { type Kysely, sql, type Transaction } from 'kysely';

import type { PaperRecord } from '../domain/paper.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import type { Database } from './schema.ts';

/** What an upsert came to, counted in papers. */
export interface Upserted {
  added: number;
  updated: number;
  unchanged: number;
  /** The papers added or updated, for matching. */
  changedIds: number[];
}

/**
 * Stores papers by their key, their listings by source and day, and their votes when they changed; in sets of 500.
 * What a record does not say keeps what is stored. The same records again change nothing.
 * Bumps the data generation when anything changed.
 */
export async function upsertPapers(
  db: Kysely<Database>,
  source: string,
  records: readonly PaperRecord[],
  readAt: Date,
): Promise<Upserted> {
  return changeCatalogue(db, async (trx) => {
    const result: Upserted = { added: 0, updated: 0, unchanged: 0, changedIds: [] };
    let listings = 0;
    const merged = mergeByKey(records);
    for (let start = 0; start < merged.length; start += chunkRows) {
      const chunk = merged.slice(start, start + chunkRows);
      const { added, updated } = await upsertChunk(trx, chunk, readAt);
      result.added += added.length;
      result.updated += updated.length;
      result.unchanged += chunk.length - added.length - updated.length;
      result.changedIds.push(...added, ...updated);
      await insertSnapshots(trx, chunk, readAt);
    }
    const places = placesOf(records);
    for (let start = 0; start < places.length; start += chunkRows) {
      listings += await insertListings(trx, source, places.slice(start, start + chunkRows), readAt);
    }
    if (result.changedIds.length > 0 || listings > 0) await bumpDataGeneration(trx);
    return result;
  });
}

const chunkRows = 500;

interface MergedPaper {
  record: PaperRecord;
  firstListedOn: string;
}

/** One entry a key, in the order of keys; of a paper listed on several days the later record has the fresher facts. */
function mergeByKey(records: readonly PaperRecord[]): MergedPaper[] {
  const merged = new Map<string, MergedPaper>();
  for (const record of records.toSorted((a, b) => compare(a.listedOn, b.listedOn))) {
    const before = merged.get(record.key);
    merged.set(record.key, {
      record: { ...before?.record, ...record },
      firstListedOn: before?.firstListedOn ?? record.listedOn,
    });
  }
  return [...merged.values()].toSorted((a, b) => compare(a.record.key, b.record.key));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * One statement: joins what comes in with what is stored, and inserts or updates whole rows where the SHA-256 of all
 * facts differs. The caller holds the catalogue's lock, so nothing changes between the reading and the writing.
 */
async function upsertChunk(
  trx: Transaction<Database>,
  chunk: readonly MergedPaper[],
  readAt: Date,
): Promise<{ added: number[]; updated: number[] }> {
  const { rows } = await sql<{ added: number[] | null; updated: number[] | null }>`
    with input as (select * from jsonb_to_recordset(${toJson(chunk)}::jsonb) as i(
      key text, version int, title text, abstract text, summary text, authors text[], authors_count int,
      organization text, categories text[], keywords text[], published_at timestamptz, url text, pdf_url text,
      code_url text, project_url text, thumbnail_url text, votes int, comments int, code_stars int,
      first_listed_on date, withdrawn boolean)),
    facts as (select p.id, p.content_sha256 as stored_sha256, i.key,
        coalesce(i.version, p.version) as version, i.title,
        coalesce(nullif(i.abstract, ''), p.abstract, '') as abstract,
        coalesce(nullif(i.summary, ''), p.summary, '') as summary,
        coalesce(nullif(i.authors, '{}'), p.authors, '{}') as authors,
        coalesce(nullif(i.authors_count, 0), p.authors_count, 0) as authors_count,
        coalesce(i.organization, p.organization) as organization,
        coalesce(nullif(i.categories, '{}'), p.categories, '{}') as categories,
        coalesce(nullif(i.keywords, '{}'), p.keywords, '{}') as keywords,
        coalesce(i.published_at, p.published_at) as published_at, i.url,
        coalesce(i.pdf_url, p.pdf_url) as pdf_url, coalesce(i.code_url, p.code_url) as code_url,
        coalesce(i.project_url, p.project_url) as project_url,
        coalesce(i.thumbnail_url, p.thumbnail_url) as thumbnail_url,
        coalesce(i.votes, p.votes, 0) as votes, coalesce(i.comments, p.comments, 0) as comments,
        coalesce(i.code_stars, p.code_stars) as code_stars,
        least(i.first_listed_on, p.first_listed_on) as first_listed_on,
        coalesce(p.withdrawn_at, case when i.withdrawn then ${readAt}::timestamptz end) as withdrawn_at
      from input i left join papers p on p.key = i.key),
    hashed as (select *, sha256(convert_to((to_jsonb(facts) - '{id,stored_sha256,published_at,withdrawn_at}'::text[]
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
    })),
  );
}

/** A snapshot for each paper whose record tells its votes, when they differ from the newest snapshot (or there is none). */
async function insertSnapshots(
  trx: Transaction<Database>,
  chunk: readonly MergedPaper[],
  readAt: Date,
): Promise<void> {
  const keys = chunk.filter(({ record }) => record.votes !== undefined).map(({ record }) => record.key);
  if (keys.length === 0) return;
  await sql`
    insert into snapshots (paper_id, captured_at, votes, comments, code_stars)
    select p.id, ${readAt}, p.votes, p.comments, p.code_stars from papers p
    left join lateral (select * from snapshots s where s.paper_id = p.id order by captured_at desc limit 1) s on true
    where p.key = any(${keys}) and (s.paper_id is null
      or (s.votes, s.comments, s.code_stars) is distinct from (p.votes, p.comments, p.code_stars))
    on conflict (paper_id, captured_at) do update
      set votes = excluded.votes, comments = excluded.comments, code_stars = excluded.code_stars
  `.execute(trx);
}

interface Place {
  key: string;
  listed_on: string;
  place: number;
}

/** The places of records in their days' lists, from 1, in the order they came. */
function placesOf(records: readonly PaperRecord[]): Place[] {
  const counted = new Map<string, number>();
  return records.map((record) => {
    const place = (counted.get(record.listedOn) ?? 0) + 1;
    counted.set(record.listedOn, place);
    return { key: record.key, listed_on: record.listedOn, place };
  });
}

/** A listing keeps the place at which it was first seen. Gives how many were new. */
async function insertListings(
  trx: Transaction<Database>,
  source: string,
  places: readonly Place[],
  readAt: Date,
): Promise<number> {
  const inserted = await sql`
    insert into listings (source, listed_on, paper_id, place, first_seen_at)
    select ${source}, i.listed_on, p.id, i.place, ${readAt}
    from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as i(key text, listed_on date, place int)
    join papers p on p.key = i.key
    order by i.listed_on, p.id
    on conflict do nothing
  `.execute(trx);
  return Number(inserted.numAffectedRows ?? 0n);
}
