import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/**
 * Whether `installation` was written on another server, or on another timeline of this one: a restored backup, a moved
 * database, a promoted replica. Nobody knows then what mail left after it was written (RULES 21). Where the account may
 * not ask, it cannot be seen.
 */
export const hasMoved: RawBuilder<boolean> = sql<boolean>`
  coalesce(installation.server_identity <> server_identity(), false)`;

/** Why no mail leaves meanwhile, and what to do. */
export const movedReason =
  'this database was restored or moved, and may not know what was mailed last; say up to which date editions count as handled: broadsheet edition handled DATE';

/** Notes when a move was first seen; what is asked for from then on is this server's own. True while it stands. */
export async function noticeMove(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ moved: boolean }>`
    update installation set moved_at = case when ${hasMoved} then now() end,
      server_identity = coalesce(server_identity, server_identity())
    where (moved_at is not null) <> ${hasMoved} or (server_identity is null and server_identity() is not null)
    returning moved_at is not null moved`.execute(db);
  return rows[0]?.moved ?? false;
}

/** Up to which date the server before this one has handled the editions; held until the transaction ends. */
export async function readHandledThrough(trx: Transaction<Database>): Promise<string | undefined> {
  const { rows } = await sql<{ through: string | null }>`
    select handled_through through from installation for key share`.execute(trx);
  return rows[0]?.through ?? undefined;
}

export interface Handled {
  /** Digests that are unknown now. */
  digests: number;
  notices: number;
}

/**
 * Takes this server as the one that mails from now on, and editions up to a date as handled by the one before: what waits
 * of them is unknown, and ranges not composed yet are too late. Editions after it go on as they stand.
 */
export async function countHandled(trx: Transaction<Database>, through: string): Promise<Handled> {
  const reason = 'restored from a backup';
  // Whoever plans waits for this row, and whoever composes holds the range: nothing is added behind us.
  await sql`select 1 from installation for update`.execute(trx);
  await sql`update ranges set composed_at = now(), audience = expected,
      skipped = jsonb_build_object('too_late', expected)
    where composed_at is null and edition_date <= ${through}`.execute(trx);
  const { rows } = await sql<Handled>`
    with batch as (
      update batches set state = 'unknown', reason = ${reason}, settled_at = now(), lease = null
      where state in ('composed', 'frozen') and edition_date <= ${through} returning positions, dropped
    ), notice as (
      update notices set state = 'unknown', reason = ${reason}, settled_at = now(), lease = null
      where state in ('composed', 'frozen')
        and created_at < coalesce((select moved_at from installation), now()) returning 1
    )
    select coalesce(sum(cardinality(positions)
      - (select count(*) from jsonb_object_keys(coalesce(dropped, '{}')))), 0)::int digests,
      (select count(*)::int from notice) notices from batch`.execute(trx);
  // Whom an announcement under way had reached since, nobody here knows.
  await sql`update announcements set stopped_at = now() where started_at < coalesce(
    (select moved_at from installation), now()) and stopped_at is null and closed_at is null`.execute(trx);
  await sql`update installation set server_identity = coalesce(server_identity(), server_identity),
    moved_at = null, handled_through = greatest(handled_through, ${through})`.execute(trx);
  return rows[0]!;
}
