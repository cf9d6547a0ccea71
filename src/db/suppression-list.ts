import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';
import type { SuppressionOrigin, SuppressionReason } from './tables/outcomes.ts';
import { readSuppression } from './suppressions.ts';

export interface ListedSuppression {
  /** Hex of the keyed hash; the address itself is not kept (RULES 16). */
  hash: string;
  reason: SuppressionReason;
  origin: SuppressionOrigin;
  at: string;
}

/** What only the reader can take back, by subscribing again (RULES 17). */
const readersOwn: readonly SuppressionReason[] = ['complaint', 'erased'];

export function isReadersOwn(reason: unknown): boolean {
  return readersOwn.includes(reason as SuppressionReason);
}

/** Every suppression there is, the newest first. */
export async function listSuppressions(db: Kysely<Database>): Promise<ListedSuppression[]> {
  const rows = await db
    .selectFrom('suppressions')
    .select(['address_hash', 'reason', 'origin', 'created_at'])
    .orderBy('created_at', 'desc')
    .orderBy('address_hash')
    .execute();
  return rows.map((row) => ({
    hash: row.address_hash.toString('hex'),
    reason: row.reason,
    origin: row.origin,
    at: row.created_at.toISOString(),
  }));
}

/** How many addresses are suppressed for each reason, by whom it was said. */
export async function countSuppressions(
  db: Kysely<Database>,
): Promise<{ reason: SuppressionReason; origin: SuppressionOrigin; addresses: number }[]> {
  const { rows } = await sql<{ reason: SuppressionReason; origin: SuppressionOrigin; addresses: number }>`
    select reason, origin, count(*)::int addresses from suppressions group by 1, 2 order by 3 desc, 1, 2`.execute(
    db,
  );
  return rows;
}

export interface SuppressionLine extends ListedSuppression {
  /** What the receiving server, or the importer, said. */
  detail: string | null;
}

/** A page of suppressions, the newest first; `before` is the last line of the page before. */
export async function pageSuppressions(
  db: Kysely<Database>,
  wish: { limit: number; before?: { at: string; hash: string } | undefined },
): Promise<SuppressionLine[]> {
  const { before } = wish;
  const { rows } = await sql<SuppressionLine>`
    select encode(address_hash, 'hex') hash, reason, origin, detail,
      to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') at
    from suppressions
    where ${before === undefined} or (created_at, address_hash) <
      (${before?.at ?? null}::timestamptz, decode(${before?.hash ?? ''}, 'hex'))
    order by created_at desc, address_hash desc limit ${wish.limit}`.execute(db);
  return rows;
}

/** Lifts a suppression, unless the reader themselves asked for it; then its reason comes back and it stays. */
export async function liftSuppression(
  db: Kysely<Database>,
  addressHash: Buffer,
): Promise<'lifted' | 'none' | { kept: SuppressionReason }> {
  const { numDeletedRows } = await db
    .deleteFrom('suppressions')
    .where('address_hash', '=', addressHash)
    .where('reason', 'not in', readersOwn)
    .executeTakeFirst();
  if (numDeletedRows > 0n) return 'lifted';
  const kept = await readSuppression(db, addressHash);
  return kept ? { kept: kept.reason } : 'none';
}
