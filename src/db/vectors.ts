import { type Kysely, sql, type Transaction } from 'kysely';
import type { Near } from '../domain/matching/nearness.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import type { Database } from './schema.ts';

/** What has a vector: papers, and topics that look for words. */
export type Subject = 'paper' | 'topic';

export interface WantedVector {
  id: number;
  text: string;
  md5: string;
}

export interface KnownVector {
  id: number;
  vector: Float32Array;
}

const textCharactersMax = 4000;

/** What is embedded of each subject: a paper's title and abstract, a topic's name and phrases. Papers listed `since` (UTC). */
function subjects(subject: Subject, since: string) {
  if (subject === 'topic')
    return sql`select id, left(name || ': ' || definition, ${textCharactersMax}) text from topics
      where kind = 'phrase' and retired_at is null`;
  return sql`select id, left(title || E'\n\n' || abstract, ${textCharactersMax}) text from papers
    where withdrawn_at is null and hidden_at is null and first_listed_on >= ${since}::date`;
}

/** Subjects without a vector of this model for their present text. */
export async function listWantedVectors(
  db: Kysely<Database>,
  subject: Subject,
  { model, since, limit }: { model: string; since: string; limit: number },
): Promise<WantedVector[]> {
  const { rows } = await sql<WantedVector>`
    select s.id, s.text, md5(s.text) md5 from (${subjects(subject, since)}) s
    left join ${sql.table(`${subject}_vectors`)} v on v.${sql.ref(`${subject}_id`)} = s.id
    where v.model is distinct from ${model} or v.text_md5 is distinct from md5(s.text)
    order by s.id desc limit ${limit}`.execute(db);
  return rows;
}

/** Stores vectors in place of older ones. A subject that is gone meanwhile is left out. */
export async function storeVectors(
  db: Kysely<Database>,
  subject: Subject,
  model: string,
  rows: readonly (WantedVector & KnownVector)[],
): Promise<void> {
  const id = sql.ref(`${subject}_id`);
  await sql`
    insert into ${sql.table(`${subject}_vectors`)} (${id}, model, text_md5, vector)
    select n.id, ${model}, n.md5, n.vector from unnest(${rows.map((row) => row.id)}::int[],
      ${rows.map((row) => row.md5)}::text[], ${rows.map((row) => toBytes(row.vector))}::bytea[]) n(id, md5, vector)
    join ${sql.table(`${subject}s`)} s on s.id = n.id
    on conflict (${id}) do update set model = excluded.model, text_md5 = excluded.text_md5, vector = excluded.vector
  `.execute(db);
}

/** The vectors of this model of all subjects that may still meet: live topics, papers listed `since`. */
export async function readVectors(
  db: Kysely<Database>,
  subject: Subject,
  { model, since }: { model: string; since: string },
): Promise<KnownVector[]> {
  const { rows } = await sql<{ id: number; vector: Buffer }>`
    select s.id, v.vector from (${subjects(subject, since)}) s
    join ${sql.table(`${subject}_vectors`)} v on v.${sql.ref(`${subject}_id`)} = s.id
    where v.model = ${model} order by s.id`.execute(db);
  return rows.map(({ id, vector }) => ({ id, vector: fromBytes(vector) }));
}

/** Puts these in place of all that were nearest before, and tells every process that its edition index is old. */
export async function replaceNearest(db: Kysely<Database>, nearest: readonly Near[]): Promise<void> {
  await changeCatalogue(db, async (trx) => {
    await sql`delete from nearest_papers`.execute(trx);
    for (let at = 0; at < nearest.length; at += rowsAtOnceMax)
      await insertNearest(trx, nearest.slice(at, at + rowsAtOnceMax));
    await bumpDataGeneration(trx);
  });
}
const rowsAtOnceMax = 50_000;

async function insertNearest(trx: Transaction<Database>, nearest: readonly Near[]): Promise<void> {
  await sql`
    insert into nearest_papers (topic_id, paper_id, nearness)
    select n.* from unnest(${nearest.map((row) => row.topicId)}::int[], ${nearest.map((row) => row.paperId)}::int[],
      ${nearest.map((row) => row.nearness)}::real[]) n(topic_id, paper_id, nearness)
    join topics t on t.id = n.topic_id join papers p on p.id = n.paper_id`.execute(trx);
}

/** Which topics these papers are nearest to. */
export async function readNearest(db: Kysely<Database>, paperIds: readonly number[]): Promise<Near[]> {
  const { rows } = await sql<Near>`
    select topic_id "topicId", paper_id "paperId", nearness::float8 nearness from nearest_papers
    where paper_id = any(${[...paperIds]}::int[]) order by topic_id, paper_id`.execute(db);
  return rows;
}

function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

function fromBytes(bytes: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
