import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** A paper whose picture is not here yet. */
export interface WantedPicture {
  paperId: number;
  address: string;
}

export interface NewPicture {
  bytes: Buffer;
  width: number;
  height: number;
}

/** Pictures are kept for so long, and the newest so many of them; /privacy and a full disk depend on it. */
export const picturesKeptDays = 60;
export const picturesKeptMax = 5000;
/** A picture that could not be had is asked for so often in all. */
const attemptsMax = 4;
const firstPauseMinutes = 60;

/**
 * Papers listed since a day whose picture was not fetched from its present address, most votes first: what digests and
 * the front page show first comes first.
 */
export async function listWantedPictures(
  db: Kysely<Database>,
  { since, limit }: { since: string; limit: number },
): Promise<WantedPicture[]> {
  const { rows } = await sql<WantedPicture>`
    select p.id "paperId", p.thumbnail_url address from papers p
    left join paper_pictures q on q.paper_id = p.id and q.address = p.thumbnail_url
    where p.thumbnail_url is not null and p.withdrawn_at is null and p.hidden_at is null
      and exists (select 1 from listings l where l.paper_id = p.id and l.listed_on >= ${since}::date)
      and (q.paper_id is null or (not exists (select 1 from pictures where sha256 = q.wide)
        and q.attempts < ${attemptsMax} and q.next_attempt_at <= now()))
    order by p.first_listed_on desc nulls last, p.votes desc, p.id limit ${limit}`.execute(db);
  return rows;
}

/** Stores both sizes of a paper's picture by their content. Twice the same is one row. */
export async function keepPicture(
  db: Kysely<Database>,
  { paperId, address }: WantedPicture,
  sizes: { wide: NewPicture; small: NewPicture },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const [wide, small] = [sha256(sizes.wide.bytes), sha256(sizes.small.bytes)];
    // One after the other: both sizes of a small picture may be the same bytes.
    for (const [name, size] of [
      [wide, sizes.wide],
      [small, sizes.small],
    ] as const) {
      await trx
        .insertInto('pictures')
        .values({ sha256: name, ...size })
        .onConflict((conflict) => conflict.column('sha256').doUpdateSet({ created_at: sql<Date>`now()` }))
        .execute();
    }
    await trx
      .insertInto('paper_pictures')
      .values({ paper_id: paperId, address, wide, small })
      .onConflict((conflict) =>
        conflict.column('paper_id').doUpdateSet({ address, wide, small, attempts: 0 }),
      )
      .execute();
  });
}

/** Remembers that a picture could not be had; it is asked for again after an hour, then after longer and longer. */
export async function notePictureRefused(
  db: Kysely<Database>,
  { paperId, address }: WantedPicture,
): Promise<void> {
  await sql`
    insert into paper_pictures as q (paper_id, address, attempts, next_attempt_at)
    values (${paperId}, ${address}, 1, now() + make_interval(mins => ${firstPauseMinutes}))
    on conflict (paper_id) do update set address = excluded.address, wide = null, small = null,
      attempts = case when q.address = excluded.address then q.attempts + 1 else 1 end,
      next_attempt_at = now() + make_interval(mins => ${firstPauseMinutes})
        * case when q.address = excluded.address then power(6, q.attempts) else 1 end`.execute(db);
}

/** The bytes of a picture by its name; undefined when it is not there, or no longer. */
export async function readPictureBytes(db: Kysely<Database>, name: string): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('pictures')
    .select('bytes')
    .where('sha256', '=', Buffer.from(name, 'base64url'))
    .executeTakeFirst();
  return row?.bytes;
}

/** Lets go of pictures that are too old or too many. */
export async function dropOldPictures(db: Kysely<Database>): Promise<void> {
  await sql`delete from pictures where created_at < now() - make_interval(days => ${picturesKeptDays})
    or sha256 in (select sha256 from pictures order by created_at desc offset ${picturesKeptMax})`.execute(
    db,
  );
}

/** Both sizes of the picture of `papers p`, as JSON of `Pictures`; null where there is none. */
export const pictureColumn = sql`(
  select json_build_object('wide', ${described('w')}, 'small', ${described('s')})
  from paper_pictures q join pictures w on w.sha256 = q.wide join pictures s on s.sha256 = q.small
  where q.paper_id = p.id and q.address = p.thumbnail_url)`;

function described(alias: 'w' | 's') {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql`json_build_object(
    'name', translate(rtrim(encode(${of('sha256')}, 'base64'), '='), '+/', '-_'),
    'width', ${of('width')}, 'height', ${of('height')})`;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
