import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import type { Database } from '../../src/db/schema.ts';
import type { LabelledPaper } from './data.ts';

/** A database of its own for one run, on an embedded Postgres that goes with it. */
export async function withScratchDatabase<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-bench-'));
  await chmod(folder, 0o711);
  const settings = ['fsync=off', 'synchronous_commit=off'];
  const postgres = await joinEmbedded(join(folder, 'data'), { settings });
  const pool = openPool(postgres.databaseUrl, { max: 2, applicationName: 'bench' });
  try {
    await migrate(pool);
    return await work(openDatabase(pool));
  } finally {
    await pool.end();
    await postgres.leave();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores papers as a source would bring them, without categories and votes. Gives their ids, in the order given. */
export async function storePapers(db: Kysely<Database>, papers: readonly LabelledPaper[]): Promise<number[]> {
  const records = papers.map(({ id, title, abstract, authors, day }) => ({
    key: `arxiv:${id}`,
    title,
    abstract,
    authors: authors.slice(0, 100),
    url: `https://arxiv.org/abs/${id}`,
    listedOn: day,
  }));
  await upsertPapers(db, 'file', records, new Date(`${papers[0]!.day}T12:00:00Z`));
  const { rows } = await sql<{ id: number; key: string }>`
    select id, key from papers where key = any(${records.map(({ key }) => key)}::text[])`.execute(db);
  const ids = new Map(rows.map(({ id, key }) => [key, id]));
  return records.map(({ key }) => ids.get(key)!);
}

export async function forgetPapers(db: Kysely<Database>): Promise<void> {
  await sql`truncate papers cascade`.execute(db);
}
