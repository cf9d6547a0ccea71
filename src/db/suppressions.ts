import { type Kysely, sql } from 'kysely';
import type { Database, SuppressionOrigin, SuppressionReason } from './schema.ts';

/**
 * Which of these address hashes get no mail. Throws when the table cannot be read: then nothing is sent (RULES 16).
 */
export async function findSuppressed(db: Kysely<Database>, hashes: readonly Buffer[]): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const { rows } = await sql<{ hex: string }>`
    select encode(address_hash, 'hex') hex from suppressions where address_hash = any(${hashes}::bytea[])
  `.execute(db);
  return new Set(rows.map((row) => row.hex));
}

/**
 * Suppresses an address by its hash. The first reason stays, but for a complaint, which only the reader undoes (RULES 17):
 * it takes the place of a bounce, so that the order in which the two are heard of does not matter.
 */
export async function suppress(
  db: Kysely<Database>,
  entry: {
    addressHash: Buffer;
    reason: SuppressionReason;
    origin: SuppressionOrigin;
    detail?: string;
  },
): Promise<void> {
  await db
    .insertInto('suppressions')
    .values({
      address_hash: entry.addressHash,
      reason: entry.reason,
      origin: entry.origin,
      detail: entry.detail ?? null,
    })
    .onConflict((conflict) =>
      conflict
        .column('address_hash')
        .doUpdateSet({
          reason: sql`excluded.reason`,
          origin: sql`excluded.origin`,
          detail: sql`excluded.detail`,
        })
        .where('suppressions.reason', 'in', ['hard_bounce', 'soft_bounces'])
        .where(sql<boolean>`excluded.reason = 'complaint'`),
    )
    .execute();
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

/** Lets mail go to an address again whose reader complained, and only for that reason: the reader asks for it (RULES 17). */
export async function liftComplaint(db: Kysely<Database>, addressHash: Buffer): Promise<void> {
  await db
    .deleteFrom('suppressions')
    .where('address_hash', '=', addressHash)
    .where('reason', '=', 'complaint')
    .execute();
}

export async function readSuppression(db: Kysely<Database>, addressHash: Buffer) {
  return db.selectFrom('suppressions').selectAll().where('address_hash', '=', addressHash).executeTakeFirst();
}
