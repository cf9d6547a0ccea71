import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Who acted: on the operators' pages, or at a terminal. */
export type Operator = 'operator' | 'command line';

export interface OperatorAction {
  operator: Operator;
  /** In the past tense: "suppressed", "hid a paper". */
  action: string;
  subscriberId?: number | undefined;
  /** A paper's key, a topic, a date; never an address. */
  subject?: string | undefined;
}

export interface LoggedAction {
  id: string;
  at: Date;
  operator: string;
  action: string;
  subscriberId: number | null;
  subject: string | null;
}

/** Writes an action down; part of the transaction that does it, so that neither is there without the other. */
export async function recordAction(db: Kysely<Database>, given: OperatorAction): Promise<void> {
  const { operator, action, subscriberId = null, subject = null } = given;
  await db
    .insertInto('operator_actions')
    .values({ operator, action, subscriber_id: subscriberId, subject })
    .execute();
}

/** The newest actions first; those of one subscriber, or those before an id, where given. */
export async function listActions(
  db: Kysely<Database>,
  wish: { limit: number; subscriberId?: number; before?: string },
): Promise<LoggedAction[]> {
  let query = db
    .selectFrom('operator_actions')
    .select(['id', 'at', 'operator', 'action', 'subscriber_id as subscriberId', 'subject'])
    .orderBy('id', 'desc')
    .limit(wish.limit);
  if (wish.subscriberId !== undefined) query = query.where('subscriber_id', '=', wish.subscriberId);
  if (wish.before !== undefined) query = query.where('id', '<', wish.before);
  return query.execute();
}
