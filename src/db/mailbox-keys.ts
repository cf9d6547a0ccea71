import { type Kysely, sql, type Transaction } from 'kysely';

import type { Database } from './schema.ts';

/** Advisory locks come in classes here; BullMQ uses the other, one-number form. Reads "mail". */
const lockClass = 0x6d_61_69_6c;

export interface KeptAnswer {
  bodySha256: Buffer;
  status: number;
  answer: string;
}

/** Whether this transaction alone holds the key until it ends. False: another request under it is running. */
export async function holdMailboxKey(
  trx: Transaction<Database>,
  endpoint: string,
  key: string,
): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select pg_try_advisory_xact_lock(${lockClass}::int, hashtext(${`${endpoint} ${key}`})) as held`.execute(
    trx,
  );
  return rows[0]!.held;
}

/** The answer given under the key since then. Read it only while holding the key. */
export async function readMailboxKey(
  trx: Transaction<Database>,
  endpoint: string,
  key: string,
  since: Date,
): Promise<KeptAnswer | undefined> {
  return trx
    .selectFrom('mailbox_keys')
    .select(['body_sha256 as bodySha256'])
    .select((eb) => [eb.ref('status').$notNull().as('status'), eb.ref('answer').$notNull().as('answer')])
    .where('endpoint', '=', endpoint)
    .where('key', '=', key)
    .where('created_at', '>', since)
    .executeTakeFirst();
}

/** Keeps the answer, in the place of one that has run out. */
export async function saveMailboxKey(
  trx: Transaction<Database>,
  endpoint: string,
  key: string,
  kept: KeptAnswer,
  at: Date,
): Promise<void> {
  const row = { body_sha256: kept.bodySha256, status: kept.status, answer: kept.answer, created_at: at };
  await trx
    .insertInto('mailbox_keys')
    .values({ endpoint, key, ...row })
    .onConflict((conflict) => conflict.columns(['endpoint', 'key']).doUpdateSet(row))
    .execute();
}

export async function pruneMailboxKeys(db: Kysely<Database>, until: Date): Promise<void> {
  await db.deleteFrom('mailbox_keys').where('created_at', '<=', until).execute();
}
