import { type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from './prepared.ts';
import type { Database } from './schema.ts';
import type { SuppressionOrigin, SuppressionReason } from './tables/outcomes.ts';

/**
 * Which of these address hashes get no mail, in hexadecimal. Throws when the table cannot be read: then nothing is sent
 * (RULES 16).
 */
export async function findSuppressed(db: Kysely<Database>, hashes: readonly Buffer[]): Promise<Set<string>> {
  return findSuppressedHex(
    db,
    hashes.map((hash) => hash.toString('hex')),
  );
}

/** The same for whoever has them in hexadecimal. */
export async function findSuppressedHex(
  db: Kysely<Database>,
  hashes: readonly string[],
): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const { rows } = await sql<{ hex: string }>`
    ${prepared} select encode(address_hash, 'hex') hex from suppressions where address_hash = any(${hashArray(hashes)}::bytea[])
  `.execute(db);
  return new Set(rows.map((row) => row.hex));
}

/** Whether any of them is suppressed: for a statement that must not happen then. */
export function isAnySuppressed(hashes: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from suppressions where address_hash = any(${hashArray(hashes)}::bytea[]))`;
}

/** Postgres' text of an array of bytes: a thousand hashes a range, and pg's own writer is many times slower. */
function hashArray(hashes: readonly string[]): string {
  return `{${hashes.map((hash) => `"\\\\x${hash}"`).join()}}`;
}

export interface NewSuppression {
  addressHash: Buffer;
  reason: SuppressionReason;
  origin: SuppressionOrigin;
  detail?: string;
}

/**
 * Suppresses addresses by their hashes. The first reason stays, but for a complaint, which only the reader undoes (RULES
 * 17): it takes the place of a bounce, and a hard bounce that of soft ones, so that the order in which they are heard of
 * does not matter.
 */
export async function suppressAll(db: Kysely<Database>, entries: readonly NewSuppression[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into suppressions (address_hash, reason, origin, detail)
    select distinct on (hash) hash, reason, origin, detail from unnest(
      ${entries.map((entry) => entry.addressHash)}::bytea[], ${entries.map((entry) => entry.reason)}::text[],
      ${entries.map((entry) => entry.origin)}::text[], ${entries.map((entry) => entry.detail ?? null)}::text[]
    ) s(hash, reason, origin, detail) order by hash, ${weight('reason')} desc, detail
    on conflict (address_hash) do update
      set reason = excluded.reason, origin = excluded.origin, detail = excluded.detail
      where suppressions.reason in ('hard_bounce', 'soft_bounces')
        and ${weight('excluded.reason')} > ${weight('suppressions.reason')}
  `.execute(db);
}

export async function suppress(db: Kysely<Database>, entry: NewSuppression): Promise<void> {
  await suppressAll(db, [entry]);
}

function weight(reason: string): RawBuilder<number> {
  const column = sql.ref(reason);
  return sql<number>`case ${column} when 'complaint' then 2 when 'hard_bounce' then 1 else 0 end`;
}

/** Whether anybody at all is suppressed for nothing but soft bounces. */
export async function isAnyoneWornOut(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql`select 1 from suppressions where reason = 'soft_bounces' limit 1`.execute(db);
  return rows.length > 0;
}

/** Which of these addresses are suppressed for nothing but soft bounces, as hex. */
export async function findWornOut(db: Kysely<Database>, hashes: readonly Buffer[]): Promise<string[]> {
  const { rows } = await sql<{ hex: string }>`
    select encode(address_hash, 'hex') hex from suppressions
    where address_hash = any(${hashes}::bytea[]) and reason = 'soft_bounces'`.execute(db);
  return rows.map((row) => row.hex);
}

/** Takes soft bounces back: a delivery came to light. Any other reason stays. */
export async function liftSoftSuppressions(db: Kysely<Database>, hashes: readonly Buffer[]): Promise<void> {
  if (hashes.length === 0) return;
  await sql`delete from suppressions where address_hash = any(${hashes}::bytea[])
    and reason = 'soft_bounces' and origin = 'webhook'`.execute(db);
}

/** A mail server said, while it was asked, that the address is no more: a hard bounce (RULES 17). */
export async function suppressRefused(
  db: Kysely<Database>,
  addressHash: Buffer,
  words: string,
): Promise<void> {
  await suppress(db, {
    addressHash,
    reason: 'hard_bounce',
    origin: 'transport',
    detail: words.slice(0, 300),
  });
}

/**
 * Lets mail go to an address again whose reader complained, and only for that reason: the reader asks for it (RULES 17).
 * True where there was a complaint.
 */
export async function liftComplaint(db: Kysely<Database>, addressHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('suppressions')
    .where('address_hash', '=', addressHash)
    .where('reason', '=', 'complaint')
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function readSuppression(db: Kysely<Database>, addressHash: Buffer) {
  return db.selectFrom('suppressions').selectAll().where('address_hash', '=', addressHash).executeTakeFirst();
}
