import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** A reader's own word that mail may come again. */
export interface Return {
  at: Date;
  /** When they had left; null where they had not, or where their confirmation says so itself. */
  leftAt: Date | null;
  undidComplaint: boolean;
}

/** Writes a return down, in the transaction in which they come back. */
export async function recordReturn(
  db: Kysely<Database>,
  { subscriberId, leftAt, undidComplaint }: Omit<Return, 'at'> & { subscriberId: number },
): Promise<void> {
  await db
    .insertInto('returns')
    .values({ subscriber_id: subscriberId, left_at: leftAt, undid_complaint: undidComplaint })
    .execute();
}

/** A subscriber's returns, the first one first. */
export async function listReturns(db: Kysely<Database>, subscriberId: number): Promise<Return[]> {
  return db
    .selectFrom('returns')
    .select(['at', 'left_at as leftAt', 'undid_complaint as undidComplaint'])
    .where('subscriber_id', '=', subscriberId)
    .orderBy('at')
    .execute();
}
