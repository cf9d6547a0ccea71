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
  body: Buffer | null;
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

export interface NewNotice {
  subscriberId: number;
  kind: NoticeKind;
  cause: string;
  address: string;
  /** What a welcome brings. */
  first?: { localDate: string; madeAt: Date; paperIds: number[] } | undefined;
}

/** Inserts a notice once for its cause and gives its id; undefined when it is there already (RULES 15). */
export async function insertNotice(db: Kysely<Database>, notice: NewNotice): Promise<number | undefined> {
  const row = await db
    .insertInto('notices')
    .values({
      subscriber_id: notice.subscriberId,
      kind: notice.kind,
      cause: notice.cause,
      address: notice.address,
      ...(notice.first && {
        local_date: notice.first.localDate,
        made_at: notice.first.madeAt,
        paper_ids: notice.first.paperIds,
      }),
    })
    .onConflict((conflict) => conflict.columns(['subscriber_id', 'kind', 'cause']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** How many notices of a kind were made in the last hour: confirmations have a cap for the whole installation. */
export async function countRecentNotices(db: Kysely<Database>, kind: NoticeKind): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from notices where created_at > now() - interval '1 hour' and kind = ${kind}`.execute(
    db,
  );
  return rows[0]!.n;
}

/** Claims a notice as `claimBatch` claims a batch. */
export async function claimNotice(
  db: Kysely<Database>,
  noticeId: number,
  lease: number,
): Promise<ClaimedNotice | undefined> {
  const { rows } = await sql<ClaimedNotice>`
    update notices n set lease = ${lease}
    where id = ${noticeId} and state in ('composed', 'frozen') and next_attempt_at <= now()
      and (lease is null or lease = ${lease} or not ${isHeldByTheLiving('n.lease')})
    returning id, subscriber_id "subscriberId", kind, cause, address, state, attempts, key, body,
      body_sha256 "bodySha256", transport, first_attempt_at "firstAttemptAt", uncertain_at "uncertainAt", now() now,
      local_date "localDate", made_at "madeAt", paper_ids "paperIds", announcement_id "announcementId"
  `.execute(db);
  return rows[0];
}

/** Commits a notice's bytes and key before the first attempt, synchronously as `freezeBatch` does. */
export async function freezeNotice(
  trx: Transaction<Database>,
  notice: { id: number; lease: number },
  freeze: { key: string; body: Buffer; bodySha256: Buffer; transport: string; uncertain: boolean },
): Promise<boolean> {
  await sql`set local synchronous_commit = on`.execute(trx);
  const result = await sql`
    update notices set state = 'frozen', key = ${freeze.key}, body = ${freeze.body},
      body_sha256 = ${freeze.bodySha256}, transport = ${freeze.transport}, frozen_at = now(), first_attempt_at = now(),
      uncertain_at = case when ${freeze.uncertain} then now() end, attempts = 0
    where id = ${notice.id} and lease = ${notice.lease} and state = 'composed'
  `.execute(trx);
  return Number(result.numAffectedRows) === 1;
}

/** Keeps what a welcome's digest was put together from; part of the transaction that freezes it. */
export async function keepFirstDigest(
  trx: Transaction<Database>,
  noticeId: number,
  made: { composition: number[]; shellId: number; keyId: string },
): Promise<void> {
  await trx
    .updateTable('notices')
    .set({ composition: made.composition, shell_id: made.shellId, key_id: made.keyId })
    .where('id', '=', noticeId)
    .execute();
}

/** How many notices of a kind a subscriber was made since a moment, in the last days. */
export async function countNoticesSince(
  db: Kysely<Database>,
  notice: { subscriberId: number; kind: NoticeKind; since: Date | null; days: number },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from notices where subscriber_id = ${notice.subscriberId} and kind = ${notice.kind}
      and created_at > now() - make_interval(days => ${notice.days})
      and (${notice.since}::timestamptz is null or created_at > ${notice.since})`.execute(db);
  return rows[0]!.n;
}

/** The final word on a notice, whatever its state before; the body goes, the row stays. */
export async function settleNotice(
  db: Kysely<Database>,
  notice: { id: number; lease: number },
  settlement: { state: NoticeState; receipt?: string | null; reason?: string },
): Promise<boolean> {
  const result = await sql`
    update notices set state = ${settlement.state}, receipt = ${settlement.receipt ?? null},
      reason = ${settlement.reason ?? null}, settled_at = now(), lease = null,
      body = case when ${settlement.state} = 'unknown' then body end
    where id = ${notice.id} and lease = ${notice.lease} and state in ('composed', 'frozen')
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Commits, before a replay, that from here on the outcome is open until an answer is written down. */
export async function markNoticeUncertain(
  db: Kysely<Database>,
  notice: { id: number; lease: number },
): Promise<boolean> {
  const result = await sql`update notices set uncertain_at = coalesce(uncertain_at, now())
    where id = ${notice.id} and lease = ${notice.lease} and state = 'frozen'`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Gives the claim back for later; `thaw` also forgets the freeze, where nothing was ever taken. */
export async function releaseNotice(
  db: Kysely<Database>,
  notice: { id: number; lease: number },
  release: Release & { thaw?: boolean },
): Promise<boolean> {
  const result = await sql`
    update notices set lease = null, next_attempt_at = now() + make_interval(secs => ${release.afterMs / 1000}::float8),
      attempts = attempts + ${release.lost ? 1 : 0}, reason = ${release.reason ?? null},
      uncertain_at = case when ${release.uncertain ?? true} then uncertain_at end,
      state = case when ${release.thaw ?? false} then 'composed' else state end
    where id = ${notice.id} and lease = ${notice.lease}
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

export interface DueNotice {
  noticeId: number;
  /** An announcement's: those that somebody waits for go first. */
  patient: boolean;
}

/**
 * Notices whose time has come: those that somebody waits for, then announcements, each oldest first. Announcements are
 * left out where the daily cap has no room for them.
 */
export async function listDueNotices(
  db: Kysely<Database>,
  limit: number,
  hasRoom: boolean,
): Promise<DueNotice[]> {
  const { rows } = await sql<DueNotice>`
    select n.id "noticeId", n.kind = 'announcement' patient from notices n
    where n.state in ('composed', 'frozen') and n.next_attempt_at <= now()
      and (${hasRoom} or n.kind <> 'announcement' or n.uncertain_at is not null)
    order by n.kind = 'announcement', n.id limit ${limit}
  `.execute(db);
  return rows;
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
