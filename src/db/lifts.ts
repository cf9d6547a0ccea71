import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** An address that is to come off the transport's own suppression list, and why it may. */
export interface Lift {
  address: string;
  /**
   * `left`: we put it there, so that a batch could be replayed after its reader had left (RULES 10). `lifted`: it was
   * lifted on our own list, or never belonged on any.
   */
  reason: 'left' | 'lifted';
}

/** How long after its batch is settled an address comes off again: the provider mails in its own time. */
const settledMs = 3_600_000;

/**
 * Notes, before the transport's list has it, that an address will have to come off it again, once this batch is settled.
 * True where that is new. Waits for whoever is just taking it off.
 */
export async function noteLeaver(
  db: Kysely<Database>,
  { address, transport, batchId }: { address: string; transport: string; batchId: number },
): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into lifts as l (address, transport, reason, batch_id) values (${address}, ${transport}, 'left', ${batchId})
    on conflict (address) do update set batch_id = excluded.batch_id
    returning xmax = 0 "isNew"`.execute(db);
  return rows[0]!.isNew;
}

/** Notes that addresses were lifted on our own list, so that the transport's follows. */
export async function noteLifted(
  db: Kysely<Database>,
  addresses: readonly string[],
  transport: string,
): Promise<void> {
  if (addresses.length === 0) return;
  await sql`
    insert into lifts (address, transport, reason) select distinct a, ${transport}, 'lifted' from unnest(${addresses}::text[]) a
    on conflict (address) do update set reason = 'lifted', batch_id = null`.execute(db);
}

/** Who was put on the transport's list for having left is back: it comes off at once. */
export async function noteReturned(db: Kysely<Database>, address: string): Promise<void> {
  await db
    .updateTable('lifts')
    .set({ reason: 'lifted', batch_id: null })
    .where('address', '=', address)
    .execute();
}

export async function forgetLift(db: Kysely<Database>, address: string): Promise<void> {
  await db.deleteFrom('lifts').where('address', '=', address).execute();
}

/** Which of these addresses are to come off the transport's list. */
export async function findLifts(db: Kysely<Database>, addresses: readonly string[]): Promise<Set<string>> {
  if (addresses.length === 0) return new Set();
  const rows = await db.selectFrom('lifts').select('address').where('address', 'in', addresses).execute();
  return new Set(rows.map(({ address }) => address));
}

/** Addresses whose time has come, the oldest first. */
export async function listDueLifts(
  db: Kysely<Database>,
  transport: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from lifts l where transport = ${transport}
      and not ${isHeld(sql`now() - make_interval(secs => ${settledMs / 1000}::float8)`)}
    order by created_at limit ${limit}`.execute(db);
  return rows.map(({ address }) => address);
}

/** One of them, locked while it is taken off; `held` while its batch may still be replayed. */
export async function lockLift(
  trx: Transaction<Database>,
  address: string,
): Promise<(Lift & { isHeld: boolean }) | undefined> {
  const { rows } = await sql<Lift & { isHeld: boolean }>`
    select address, reason, ${isHeld(sql`now()`)} "isHeld" from lifts l where address = ${address} for update of l`.execute(
    trx,
  );
  return rows[0];
}

/** Whether the batch it is there for was not settled yet at that time. */
function isHeld(by: ReturnType<typeof sql>) {
  return sql<boolean>`exists (select 1 from batches b where b.id = l.batch_id
    and (b.state in ('composed', 'frozen') or b.settled_at > ${by}))`;
}
