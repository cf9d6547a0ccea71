import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { type Kysely, sql } from 'kysely';

import type { Database } from './schema.ts';

/** What a source answered when it was asked for a day, page by page. */
export interface RawAnswer {
  source: string;
  day: string;
  readAt: Date;
  /** The day had ended when the answer came. */
  closed: boolean;
  etag?: string | undefined;
  pages: readonly string[];
}

/** Answers are kept this long, so that a mended parser can read them again. */
export const answersKeptDays = 30;
const answerBytesMax = 32 * 1024 * 1024;
const inflatedBytesMax = 512 * 1024 * 1024;

/** Keeps an answer, deflated. The same answer for the same day again only moves its time. False when it is too large. */
export async function keepAnswer(db: Kysely<Database>, answer: RawAnswer): Promise<boolean> {
  const text = JSON.stringify(answer.pages);
  const body = await promisify(deflate)(text);
  if (body.length > answerBytesMax) return false;
  await sql`
    insert into raw_answers (source, day, read_at, closed, etag, body, sha256)
    values (${answer.source}, ${answer.day}, ${answer.readAt}, ${answer.closed}, ${answer.etag ?? null}, ${body},
      ${createHash('sha256').update(text).digest()})
    on conflict (source, day, sha256) do update set read_at = greatest(raw_answers.read_at, excluded.read_at),
      closed = raw_answers.closed or excluded.closed, etag = excluded.etag
  `.execute(db);
  return true;
}

/** The ids of kept answers, oldest first: of every source and day, or of those named. */
export async function listAnswers(
  db: Kysely<Database>,
  wanted: { source?: string | undefined; day?: string | undefined },
): Promise<string[]> {
  const rows = await db
    .selectFrom('raw_answers')
    .select('id')
    .$if(wanted.source !== undefined, (query) => query.where('source', '=', wanted.source!))
    .$if(wanted.day !== undefined, (query) => query.where('day', '=', wanted.day!))
    .orderBy('read_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** One kept answer; undefined when it is gone by now. */
export async function readAnswer(db: Kysely<Database>, id: string): Promise<RawAnswer | undefined> {
  const row = await db.selectFrom('raw_answers').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  const text = await promisify(inflate)(row.body, { maxOutputLength: inflatedBytesMax });
  return {
    source: row.source,
    day: row.day,
    readAt: row.read_at,
    closed: row.closed,
    etag: row.etag ?? undefined,
    pages: JSON.parse(text.toString('utf8')) as string[],
  };
}

/** The newest answer of a source that can be asked for again by its tag. */
export async function readTaggedAnswer(db: Kysely<Database>, source: string): Promise<RawAnswer | undefined> {
  const row = await db
    .selectFrom('raw_answers')
    .select(['id', 'etag'])
    .where('source', '=', source)
    .orderBy('read_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && row.etag !== null ? readAnswer(db, row.id) : undefined;
}

/** Drops what is older than `answersKeptDays`. */
export async function dropOldAnswers(db: Kysely<Database>, now: Date): Promise<void> {
  await db
    .deleteFrom('raw_answers')
    .where('read_at', '<', new Date(now.getTime() - answersKeptDays * dayMs))
    .execute();
}

const dayMs = 86_400_000;
