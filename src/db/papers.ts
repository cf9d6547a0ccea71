import { type Kysely, sql, type Transaction } from 'kysely';

import type { PaperRecord } from '../domain/paper.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { type MergedPaper, upsertChunk } from './paper-rows.ts';
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
 *
 * Sources complete each other, in whatever order they are read. Text (title, abstract, authors, categories, links to
 * arXiv) is that of the newest version by the best authority, everything else that of the newest reading; what those do
 * not say, others fill. Once withdrawn stays withdrawn. The same records again, or those of an older reading, change
 * nothing. Bumps the data generation when anything changed.
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

/** One entry a key, in the order of keys; of a paper listed on several days the later record has the fresher facts. */
function mergeByKey(records: readonly PaperRecord[]): MergedPaper[] {
  const merged = new Map<string, MergedPaper>();
  for (const record of records.toSorted((a, b) => compare(a.listedOn, b.listedOn))) {
    const before = merged.get(record.key);
    merged.set(record.key, {
      record: { ...before?.record, ...record },
      firstListedOn: before?.firstListedOn ?? (record.isUnlisted ? undefined : record.listedOn),
    });
  }
  return [...merged.values()].toSorted((a, b) => compare(a.record.key, b.record.key));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Those of some keys that are stored. */
export async function findKnownKeys(
  db: Kysely<Database>,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select key from papers where key = any(${[...keys]}::text[])`.execute(db);
  return new Set(rows.map(({ key }) => key));
}

/** Papers that their source took back without a word. Gives the ids of those that were stored and not withdrawn yet. */
export async function withdrawPapers(
  db: Kysely<Database>,
  keys: readonly string[],
  readAt: Date,
): Promise<number[]> {
  if (keys.length === 0) return [];
  return changeCatalogue(db, async (trx) => {
    const rows = await trx
      .updateTable('papers')
      .set({ withdrawn_at: readAt, updated_at: readAt, revision: sql<number>`revision + 1` })
      .where('key', 'in', [...keys])
      .where('withdrawn_at', 'is', null)
      .returning('id')
      .execute();
    if (rows.length > 0) await bumpDataGeneration(trx);
    return rows.map(({ id }) => id);
  });
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
    where p.key = any(${keys}) and p.facts_read_at <= ${readAt} and (s.paper_id is null
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
  const listed = records.filter((record) => !record.isUnlisted);
  return listed.map((record) => {
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
