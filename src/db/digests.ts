import { type Kysely, sql, type Transaction } from 'kysely';
import { addDays } from '../domain/cadence.ts';
import { historyDates } from '../domain/digest.ts';
import { integerArray, readIntegers } from './integers.ts';
import { prepared } from './prepared.ts';
import type { Database } from './schema.ts';
import { createPartition } from './webhook-events.ts';

/** A digest about to be inserted, or skipped with a reason. */
export interface NewDigest {
  subscriberId: number;
  batchId: number | null;
  position: number | null;
  skipped: string | null;
  paperIds: number[];
  /** Packed, as src/domain/digest.ts does; null where it is skipped. */
  composition: Buffer | null;
  address: string | null;
  addressVersion: number;
  keyId: string | null;
}

export interface DigestRow {
  subscriberId: number;
  localDate: string;
  batchId: number;
  position: number;
  composition: Buffer;
  paperIds: number[];
  address: string;
  addressVersion: number;
  keyId: string;
}

/** A digest of a batch, and whether its reader still wants it. */
export interface BatchDigest extends DigestRow {
  isActive: boolean;
}

/** What a reader got lately. */
export interface History {
  /**
   * The papers that count as seen, as text: a hundred numbers are small so, and what a range of a thousand readers had seen
   * was most of what compose held in memory.
   */
  papers: string | null;
  /** The last date that has a row. */
  lastDate: string;
}

/** The papers that a reader with this history has seen. */
export function seenIn(history: History | undefined): number[] {
  return readIntegers(history?.papers ?? '');
}

/** Makes the day's partition; called before the transaction that inserts into it. */
export async function ensureDigestPartition(db: Kysely<Database>, date: string): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(${`digests_${date.replaceAll('-', '')}`}) is not null there`.execute(db);
  if (!rows[0]!.there) await createPartition(db, 'digests', date, addDays(date, 1));
}

/** Inserts digests of one date in one statement. The primary key (subscriber, date) makes a second one impossible. */
export async function insertDigests(
  trx: Transaction<Database>,
  localDate: string,
  digests: readonly NewDigest[],
): Promise<void> {
  if (digests.length === 0) return;
  await sql`
    insert into digests (subscriber_id, local_date, batch_id, position, skipped, paper_ids, packed,
      address, address_version, key_id)
    select s, ${localDate}::date, b, p, k, papers::int[], decode(c, 'hex'), a, v, i
    from unnest(${numbers(digests, 'subscriberId')}::int[], ${numbers(digests, 'batchId')}::int[],
      ${numbers(digests, 'position')}::smallint[], ${texts(digests, 'skipped')}::text[],
      ${lists(digests)}::text[], ${compositions(digests)}::text[], ${texts(digests, 'address')}::text[],
      ${numbers(digests, 'addressVersion')}::smallint[], ${texts(digests, 'keyId')}::text[]
    ) d(s, b, p, k, papers, c, a, v, i)
  `.execute(trx);
}

/** Among so many times as many ids, reading those between costs less than naming them. */
const closeTimes = 1.5;

/**
 * What each of these subscribers got on the last dates up to and including `date` (RULES 3): every paper counts as
 * seen, except those of digests that were skipped or certainly failed. The first digest, which came with the welcome, is
 * one of them. By their ids, in order: the readers of a small slot lie far apart, and who lies between is no concern. The
 * first and the last are named besides, or the planner, which cannot tell how near a thousand ids are, reads whole days. Where
 * they lie close together only those two are named, since a thousand ids are weighed anew for each day; whoever else lies
 * there is in the map too.
 * Of batches those with any trouble come first, and only their positions are looked at. Sixteen rows a reader come as one,
 * because a row costs more than the papers in it.
 */
export async function readHistory(
  db: Kysely<Database>,
  subscriberIds: readonly number[],
  date: string,
): Promise<Map<number, History>> {
  if (subscriberIds.length === 0) return new Map();
  const since = addDays(date, -historyDates);
  const [first, last] = [subscriberIds[0]!, subscriberIds.at(-1)!];
  const ids = integerArray(subscriberIds);
  const lieClose = last - first < closeTimes * subscriberIds.length;
  const named = lieClose ? sql`` : sql`d.subscriber_id = any(${ids}::int[]) and`;
  const { rows } = await sql<History & { id: number }>`
    with undone as materialized (
      select distinct coalesce(b.origin_id, b.id) batch_id, p position
      from batches b cross join unnest(b.positions) p
      where b.edition_date > ${since} and b.from_id <= ${last} and b.to_id >= ${first}
        and (b.state = 'failed' or b.dropped <> '{}' or b.refused <> '{}')
        and (b.state = 'failed' or b.dropped ? p::text or b.refused ? p::text)
    ), got as (
      select d.subscriber_id id, d.local_date date, d.paper_ids papers,
        d.failed_at is not null or u.batch_id is not null failed
      from digests d left join undone u on u.batch_id = d.batch_id and u.position = d.position
      where ${named} d.subscriber_id between ${first} and ${last}
        and d.local_date > ${since}
      union all
      select n.subscriber_id, n.local_date, n.paper_ids, n.state in ('failed', 'dropped')
      from notices n where n.subscriber_id = any(${ids}::int[]) and n.local_date > ${since}
    )
    select id, max(date) "lastDate",
      string_agg(array_to_string(papers, ','), ',') filter (where not failed and papers <> '{}') papers
    from got group by id
  `.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

/** The digests of a batch at these positions, in order. A split batch's digests keep pointing to their origin. */
export async function readBatchDigests(
  db: Kysely<Database>,
  batch: {
    originId: number;
    editionDate: string;
    fromId: number;
    toId: number;
    positions: readonly number[];
  },
): Promise<BatchDigest[]> {
  const { rows } = await sql<BatchDigest>`
    ${prepared} select ${columns}, s.id is not null "isActive" from digests d
      left join subscribers s on s.id = d.subscriber_id and s.status = 'active'
    where d.local_date = ${batch.editionDate} and d.subscriber_id between ${batch.fromId} and ${batch.toId}
      and d.batch_id = ${batch.originId} and d.position = any(${batch.positions}::smallint[])
    order by d.position
  `.execute(db);
  return rows;
}

/** One subscriber's digest of a date, if it was composed into a batch. */
export async function readDigest(
  db: Kysely<Database>,
  subscriberId: number,
  localDate: string,
): Promise<DigestRow | undefined> {
  const { rows } = await sql<DigestRow>`
    select ${columns} from digests d
    where d.subscriber_id = ${subscriberId} and d.local_date = ${localDate} and d.batch_id is not null
  `.execute(db);
  return rows[0];
}

/**
 * What the digest of a row, or the notice, is made of. Rows of releases before `packed` have numbers instead: the same
 * bytes are made of them, until the last of those rows has gone with its partition.
 */
export function packed(row: 'd' | 'n') {
  return sql`coalesce(${sql.ref(`${row}.packed`)}, pack_composition(${sql.ref(`${row}.composition`)}))`;
}

const columns = sql`d.subscriber_id "subscriberId", d.local_date "localDate", d.batch_id "batchId", d.position,
  ${packed('d')} composition, d.paper_ids "paperIds", d.address, d.address_version "addressVersion", d.key_id "keyId"`;

/** A column of numbers as Postgres' text of an array. pg's own looks at each character of each. */
function numbers(
  digests: readonly NewDigest[],
  column: 'subscriberId' | 'batchId' | 'position' | 'addressVersion',
) {
  return `{${digests.map((digest) => digest[column] ?? 'null').join()}}`;
}

/** A column of texts, likewise. */
function texts(digests: readonly NewDigest[], column: 'skipped' | 'address' | 'keyId') {
  return `{${digests.map((digest) => quoted(digest[column])).join()}}`;
}

/** A text as it stands in Postgres' text of an array: a local part may hold braces, and a text may say null. */
function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function compositions(digests: readonly NewDigest[]) {
  return `{${digests.map(({ composition }) => composition?.toString('hex') ?? 'null').join()}}`;
}

/** A column of lists of numbers, each a text, because arrays in an array would have to be of one length. */
function lists(digests: readonly NewDigest[]) {
  return `{${digests.map(({ paperIds }) => `"{${paperIds.join()}}"`).join()}}`;
}
