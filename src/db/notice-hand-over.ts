/**
 * The hand-over of notices, by their rows. One that somebody waits for goes alone. An announcement's go up to a hundred in a
 * request: those frozen together share a key and the hash of the whole body, and each keeps its own part of it, so that
 * together, in the order of their numbers, they are the request.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { isHeldByTheLiving, type Release } from './batches.ts';
import type { Database } from './schema.ts';
import type { NoticeKind, NoticeState } from './tables/notices.ts';

export interface ClaimedNotice {
  id: number;
  subscriberId: number;
  kind: NoticeKind;
  cause: string;
  address: string;
  state: 'composed' | 'frozen';
  attempts: number;
  key: string | null;
  /** Its part of the request. */
  body: Buffer | null;
  /** Of the whole request. */
  bodySha256: Buffer | null;
  transport: string | null;
  firstAttemptAt: Date | null;
  uncertainAt: Date | null;
  now: Date;
  localDate: string | null;
  madeAt: Date | null;
  paperIds: number[];
  announcementId: number | null;
}

/** Notices that are handed over together, in the order of their numbers, under one lease. */
export interface Together {
  ids: readonly number[];
  lease: number;
}

/**
 * The numbers of the notices that go with this one, itself among them: those frozen with it; or, of a composed one of an
 * announcement, those that wait behind it, `membersMax` in all. Empty where it is settled or its time has not come.
 */
export async function findTogether(
  db: Kysely<Database>,
  noticeId: number,
  membersMax: number,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    with one as (select id, announcement_id, state, key from notices
      where id = ${noticeId} and state in ('composed', 'frozen') and next_attempt_at <= now())
    select id from one
    union select n.id from one join notices n on n.announcement_id = one.announcement_id
      where one.state = 'frozen' and n.state = 'frozen' and n.key = one.key
    union (select n.id from one join notices n on n.announcement_id = one.announcement_id and n.id > one.id
      where one.state = 'composed' and n.state = 'composed' and n.next_attempt_at <= now()
        and (n.lease is null or not ${isHeldByTheLiving('n.lease')})
      order by n.id limit ${membersMax - 1})
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Claims notices as `claimBatch` claims a batch; gives those that are ours now, in the order of their numbers. */
export async function claimNotices(db: Kysely<Database>, { ids, lease }: Together): Promise<ClaimedNotice[]> {
  // Two processes at the same ones lock them in the same order, so the second finds all of them held.
  const { rows } = await sql<ClaimedNotice>`
    with free as materialized (select id from notices n
      where id = any(${ids}::int[]) and state in ('composed', 'frozen') and next_attempt_at <= now()
        and (lease is null or lease = ${lease} or not ${isHeldByTheLiving('n.lease')})
      order by id for no key update)
    update notices n set lease = ${lease} from free where n.id = free.id
    returning n.id, subscriber_id "subscriberId", kind, cause, address, state, attempts, key, body,
      body_sha256 "bodySha256", transport, first_attempt_at "firstAttemptAt", uncertain_at "uncertainAt", now() now,
      local_date "localDate", made_at "madeAt", paper_ids "paperIds", announcement_id "announcementId"
  `.execute(db);
  return rows.toSorted((a, b) => a.id - b.id);
}

/** Commits the parts, key and hash of a request before its first attempt, synchronously as `freezeBatch` does. */
export async function freezeNotices(
  trx: Transaction<Database>,
  { ids, lease }: Together,
  freeze: {
    key: string;
    bodies: readonly Buffer[];
    bodySha256: Buffer;
    transport: string;
    uncertain: boolean;
  },
): Promise<boolean> {
  await sql`set local synchronous_commit = on`.execute(trx);
  const result = await sql`
    update notices n set state = 'frozen', key = ${freeze.key}, body = part.body,
      body_sha256 = ${freeze.bodySha256}, transport = ${freeze.transport}, frozen_at = now(), first_attempt_at = now(),
      uncertain_at = case when ${freeze.uncertain} then now() end, attempts = 0
    from unnest(${ids}::int[], ${freeze.bodies}::bytea[]) part(id, body)
    where n.id = part.id and n.lease = ${lease} and n.state = 'composed'
  `.execute(trx);
  return Number(result.numAffectedRows) === ids.length;
}

/** Keeps what a welcome's digest was put together from; part of the transaction that freezes it. */
export async function keepFirstDigest(
  trx: Transaction<Database>,
  noticeId: number,
  made: { composition: Buffer; shellId: number; keyId: string },
): Promise<void> {
  await trx
    .updateTable('notices')
    .set({ packed: made.composition, shell_id: made.shellId, key_id: made.keyId })
    .where('id', '=', noticeId)
    .execute();
}

/** What became of one notice. */
export interface NoticeFate {
  id: number;
  state: NoticeState;
  receipt?: string | null;
  reason?: string | undefined;
}

/** The final word on notices, whatever their state before; their bodies go, the rows stay. */
export async function settleNotices(
  db: Kysely<Database>,
  lease: number,
  fates: readonly NoticeFate[],
): Promise<void> {
  await sql`
    update notices n set state = fate.state, receipt = fate.receipt, reason = fate.reason, settled_at = now(), lease = null,
      body = case when fate.state = 'unknown' then body end
    from unnest(${fates.map(({ id }) => id)}::int[], ${fates.map(({ state }) => state)}::text[],
      ${fates.map(({ receipt }) => receipt ?? null)}::text[], ${fates.map(({ reason }) => reason ?? null)}::text[])
      fate(id, state, receipt, reason)
    where n.id = fate.id and n.lease = ${lease} and n.state in ('composed', 'frozen')
  `.execute(db);
}

/** Commits, before a replay, that from here on the outcome is open until an answer is written down. */
export async function markNoticesUncertain(db: Kysely<Database>, { ids, lease }: Together): Promise<boolean> {
  const result = await sql`update notices set uncertain_at = coalesce(uncertain_at, now())
    where id = any(${ids}::int[]) and lease = ${lease} and state = 'frozen'`.execute(db);
  return Number(result.numAffectedRows) === ids.length;
}

/** Gives claims back for later; `thaw` also forgets the freeze, where nothing was ever taken. */
export async function releaseNotices(
  db: Kysely<Database>,
  { ids, lease }: Together,
  release: Release & { thaw?: boolean },
): Promise<void> {
  await sql`
    update notices set lease = null, next_attempt_at = now() + make_interval(secs => ${release.afterMs / 1000}::float8),
      attempts = attempts + ${release.lost ? 1 : 0}, reason = ${release.reason ?? null},
      uncertain_at = case when ${release.uncertain ?? true} then uncertain_at end,
      state = case when ${release.thaw ?? false} then 'composed' else state end
    where id = any(${ids}::int[]) and lease = ${lease}
  `.execute(db);
}

/** Forgets the freeze of a request that was refused as a whole, and keeps the claim: smaller ones follow at once. */
export async function thawNotices(db: Kysely<Database>, { ids, lease }: Together): Promise<boolean> {
  const result = await sql`update notices set state = 'composed', uncertain_at = null
    where id = any(${ids}::int[]) and lease = ${lease} and state = 'frozen'`.execute(db);
  return Number(result.numAffectedRows) === ids.length;
}

/** Ends as unknown what may have been taken and can't be asked any more. */
export async function settleOutlivedNotices(db: Kysely<Database>, replayWindowMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update notices n set state = 'unknown', reason = coalesce(reason, 'no answer in time'), settled_at = now(), lease = null
    where state = 'frozen' and uncertain_at is not null
      and first_attempt_at <= now() - make_interval(secs => ${replayWindowMs / 1000}::float8)
      and (lease is null or not ${isHeldByTheLiving('n.lease')})
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}
