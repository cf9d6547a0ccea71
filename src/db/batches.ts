import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { tooLateMs } from '../domain/cadence.ts';
import { prepared } from './prepared.ts';
import { type MailIds, receiptColumns } from './receipts.ts';
import type { Database } from './schema.ts';
import type { BatchState } from './tables/editions.ts';
import { hasMoved } from './server-identity.ts';

export interface ClaimedBatch {
  id: number;
  editionDate: string;
  /** The batch whose digests these are: itself, or the one it was split from. */
  originId: number;
  fromId: number;
  toId: number;
  positions: number[];
  state: 'composed' | 'frozen';
  attempts: number;
  key: string | null;
  shellId: number | null;
  bodyHash: Buffer | null;
  transport: string | null;
  frozenAt: Date | null;
  firstAttemptAt: Date | null;
  uncertainAt: Date | null;
  dropped: Record<string, string> | null;
  /** The database's clock at the claim. */
  now: Date;
}

/** First half of the two-part advisory lock that is a process's lease: "BRDS". */
export const leaseClass = 0x42524453;

/** True while the process that claimed the row is alive: its advisory lock still stands (RULES 8). */
export function isHeldByTheLiving(lease: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 2
    and classid = ${leaseClass} and objid = ${sql.ref(lease)}
    and database = (select oid from pg_database where datname = current_database()))`;
}

/** Mail that was not handed over for so long is not sent any more: its reader's slot is over (RULES 6). */
const lateAfterS = tooLateMs / 1000;

/**
 * True while nothing holds the edition of batch `b` back: it isn't paused, and after a resume the batch is the canary, or
 * was split from it (RULES 18).
 */
const flows = sql<boolean>`exists (select 1 from editions e where e.date = b.edition_date and e.paused_at is null
  and (e.resumed_at is null or e.canary_id = coalesce(b.origin_id, b.id)))`;
/** From when its range was planned, since it may be composed long after that; one made out of another, to be sent again say, from then. */
const isLate = sql<boolean>`case when b.origin_id is null then (select created_at from ranges where id = b.range_id)
  else b.created_at end <= now() - make_interval(secs => ${lateAfterS}::float8)`;
/** It was attempted, and nobody knows what came of it: a replay settles that, and is no new mail (RULES 10). */
const isOpenQuestion = sql<boolean>`(b.state = 'frozen' and b.uncertain_at is not null)`;
const mayLeave = sql<boolean>`(${isOpenQuestion} or ${flows} and not (b.state = 'composed' and ${isLate}))`;

/** True of a batch `b` that a pause holds back, or the daily cap where that has no room. */
export function isHeldBack(hasRoom: boolean): RawBuilder<boolean> {
  return sql<boolean>`(not ${mayLeave} or not ${hasRoom} and not ${isOpenQuestion})`;
}

/** Makes the batches of a range for compose, in order; their digests are inserted in the same transaction. Gives their ids. */
export async function insertBatches(
  trx: Transaction<Database>,
  range: { id: number; editionDate: string },
  batches: readonly { fromId: number; toId: number; members: number }[],
): Promise<number[]> {
  if (batches.length === 0) return [];
  const rows = await trx
    .insertInto('batches')
    .values(
      batches.map(({ fromId, toId, members }) => ({
        edition_date: range.editionDate,
        range_id: range.id,
        from_id: fromId,
        to_id: toId,
        positions: Array.from({ length: members }, (_, position) => position),
      })),
    )
    .returning('id')
    .execute();
  // Ids are given in the order of the values, but rows need not come back in it.
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}

/**
 * Claims a batch for the process that holds `lease`, if its time has come, nobody else living has it, and `mailMayLeave`.
 * Undefined means "not mine", which is success: somebody else is at it, or it is done. A process may take its own claim up
 * again (its write failed, say), so it must know itself which batches it is at.
 */
export async function claimBatch(
  db: Kysely<Database>,
  batchId: number,
  lease: number,
  mailMayLeave = sql<boolean>`true`,
): Promise<ClaimedBatch | undefined> {
  const { rows } = await sql<ClaimedBatch>`
    ${prepared} update batches b set lease = ${lease}
    where id = ${batchId} and state in ('composed', 'frozen') and next_attempt_at <= now() and ${mayLeave}
      and (lease is null or lease = ${lease} or not ${isHeldByTheLiving('b.lease')}) and ${mailMayLeave}
    returning id, edition_date "editionDate", coalesce(origin_id, id) "originId", from_id "fromId",
      to_id "toId", positions, state, attempts, key,
      shell_id "shellId", coalesce(body_hash, body_sha256) "bodyHash", transport, frozen_at "frozenAt",
      first_attempt_at "firstAttemptAt", uncertain_at "uncertainAt", dropped, now() now
  `.execute(db);
  return rows[0];
}

export interface Freeze {
  key: string;
  shellId: number;
  bodyHash: Buffer;
  transport: string;
  /** Position → skip reason, of members left out. */
  dropped: Record<string, string>;
  /** Whether the attempt follows without another word; otherwise `markUncertain` says when it does. */
  uncertain: boolean;
}

/**
 * Commits what will be sent before the first attempt (RULES 9). False when the claim is no longer ours, or not `asLongAs`.
 * The commit is synchronous whatever the server's default, since a restored server must know of it (RULES 21).
 */
export async function freezeBatch(
  db: Kysely<Database>,
  batch: { id: number; lease: number },
  freeze: Freeze,
  asLongAs = sql<boolean>`true`,
): Promise<boolean> {
  const result = await sql`
    ${prepared} update batches set state = 'frozen', key = ${freeze.key}, shell_id = ${freeze.shellId},
      body_hash = ${freeze.bodyHash}, transport = ${freeze.transport}, dropped = ${json(freeze.dropped)},
      frozen_at = now(), first_attempt_at = now(), attempts = 0,
      uncertain_at = case when ${freeze.uncertain} then now() end
    where id = ${batch.id} and lease = ${batch.lease} and state = 'composed' and ${asLongAs}
    returning set_config('synchronous_commit', 'on', true)
  `.execute(db);
  return result.rows.length === 1;
}

/** Ends a batch all of whose members were left out. */
export async function emptyBatch(
  trx: Transaction<Database>,
  batch: { id: number; lease: number },
  dropped: Record<string, string>,
): Promise<boolean> {
  const result = await sql`
    update batches set state = 'empty', dropped = ${json(dropped)}, settled_at = now(), lease = null
    where id = ${batch.id} and lease = ${batch.lease} and state = 'composed'
  `.execute(trx);
  return Number(result.numAffectedRows) === 1;
}

export interface Settlement {
  state: Extract<BatchState, 'accepted' | 'failed' | 'unknown' | 'split'>;
  receipt?: MailIds;
  refused?: Record<string, string>;
  /** Why it failed, where that is the sender's or the content's doing. */
  failure?: 'policy' | 'content' | undefined;
  reason?: string;
}

/** Writes the final word on a frozen batch. False when the claim is no longer ours. */
export async function settleBatch(
  db: Kysely<Database>,
  batch: { id: number; lease: number },
  settlement: Settlement,
): Promise<boolean> {
  const { state, refused, failure, reason } = settlement;
  const { receipt, receipt_uuids: uuids } = receiptColumns(settlement.receipt);
  const result = await sql`
    ${prepared} update batches set state = ${state}, receipt = ${receipt}, receipt_uuids = ${uuids}::uuid[],
      refused = ${json(refused ?? {})},
      failure = ${failure ?? null}, reason = ${reason ?? null}, settled_at = now(), lease = null
    where id = ${batch.id} and lease = ${batch.lease} and state = 'frozen'
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Commits, before a replay, that from here on the outcome is open until an answer is written down. */
export async function markUncertain(
  db: Kysely<Database>,
  batch: { id: number; lease: number },
): Promise<boolean> {
  const result = await sql`update batches set uncertain_at = coalesce(uncertain_at, now())
    where id = ${batch.id} and lease = ${batch.lease} and state = 'frozen'`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

export interface Release {
  afterMs: number;
  /** `false` only where every attempt so far was definitely refused; left out, what is known stays. */
  uncertain?: boolean;
  /** Whether this attempt's answer was lost. */
  lost?: boolean;
  reason?: string;
}

/** Gives a claim back, to be taken again after a while. */
export async function releaseBatch(
  db: Kysely<Database>,
  batch: { id: number; lease: number },
  release: Release,
): Promise<boolean> {
  const result = await sql`
    update batches set lease = null, next_attempt_at = now() + make_interval(secs => ${release.afterMs / 1000}::float8),
      attempts = attempts + ${release.lost ? 1 : 0}, reason = ${release.reason ?? null},
      uncertain_at = case when ${release.uncertain ?? true} then uncertain_at end
    where id = ${batch.id} and lease = ${batch.lease}
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/**
 * Takes the ice off a batch that was certainly never taken (the caller knows), so that it is frozen anew under a new
 * key, with suppressions checked again. It stays claimed.
 */
export async function thawBatch(
  db: Kysely<Database>,
  batch: { id: number; lease: number },
): Promise<boolean> {
  const result = await sql`
    update batches set state = 'composed', key = null, shell_id = null, body_sha256 = null, body_hash = null,
      transport = null, frozen_at = null, first_attempt_at = null, uncertain_at = null, dropped = null
    where id = ${batch.id} and lease = ${batch.lease} and state = 'frozen'
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/**
 * Batches whose time has come and that nothing holds back, oldest first. One that somebody is at is nudged in vain, and
 * harmlessly.
 */
export async function listDueBatches(
  db: Kysely<Database>,
  limit: number,
  hasRoom: boolean,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select b.id from batches b join editions e on e.date = b.edition_date and e.closed_at is null
    where b.state in ('composed', 'frozen') and b.next_attempt_at <= now() and not ${isHeldBack(hasRoom)}
    order by b.id limit ${limit}
  `.execute(db);
  return rows.map((row) => row.id);
}

/**
 * How many batches wait for nothing but their place in the line, as far as `limit`, as long as the cap has room. Those that
 * are too late by now may be among them. From the newest on: where the oldest were lies what settled.
 */
export async function countDueBatches(db: Kysely<Database>, limit: number): Promise<number> {
  const { rows } = await sql<{ batches: number }>`
    ${prepared} select count(*)::int batches from (select from batches b
      where b.state in ('composed', 'frozen') and b.next_attempt_at <= now() and (${isOpenQuestion} or ${flows})
      order by b.id desc limit ${limit}) due`.execute(db);
  return rows[0]!.batches;
}

/** Whether nothing holds this batch's edition back: asked once more when its turn has come. */
export async function isFlowing(db: Kysely<Database>, batchId: number): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`${prepared} select ${flowsOf(batchId)} "is"`.execute(db);
  return rows[0]!.is;
}

/** The same for a statement that asks it besides; false of a batch that is not there. */
export function flowsOf(batchId: number): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from batches b where id = ${batchId} and ${flows})`;
}

/**
 * Skips as too late what was never attempted and waited longer than a slot may be missed (RULES 6). Gives the batches. On
 * a restored server it skips none: the one before may have mailed them.
 */
export async function skipLate(db: Kysely<Database>): Promise<number> {
  const { numAffectedRows } = await sql`
    update batches b set state = 'empty', settled_at = now(), lease = null,
      dropped = (select jsonb_object_agg(p::text, 'too_late') from unnest(b.positions) p)
    where state = 'composed' and ${isLate} and (lease is null or not ${isHeldByTheLiving('b.lease')})
      and exists (select 1 from editions e where e.date = b.edition_date and e.closed_at is null)
      and not (select ${hasMoved} from installation)
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Ends as unknown what may have been taken and can't be asked any more: its key is about to expire (RULES 10). */
export async function settleOutlived(db: Kysely<Database>, replayWindowMs: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update batches b set state = 'unknown', reason = coalesce(reason, 'no answer in time'), settled_at = now(), lease = null
    where state = 'frozen' and uncertain_at is not null
      and first_attempt_at <= now() - make_interval(secs => ${replayWindowMs / 1000}::float8)
      and (lease is null or not ${isHeldByTheLiving('b.lease')})
  `.execute(db);
  return Number(numAffectedRows ?? 0);
}

function json(value: Record<string, string>): string | null {
  return Object.keys(value).length > 0 ? JSON.stringify(value) : null;
}
