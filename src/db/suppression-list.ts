import type { Kysely } from 'kysely';
import type { Database, SuppressionOrigin, SuppressionReason } from './schema.ts';
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
