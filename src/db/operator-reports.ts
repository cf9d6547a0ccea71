import { type Kysely, sql } from 'kysely';
import { isHeldByTheLiving } from './batches.ts';
import type { Database } from './schema.ts';

export interface ReportName {
  /** The UTC day it is of. */
  day: string;
  cause: string;
}

export interface ClaimedReport extends ReportName {
  key: string;
  body: Buffer | null;
  attempts: number;
  transport: string | null;
  firstAttemptAt: Date | null;
  uncertainAt: Date | null;
  lease: number;
  now: Date;
}

/** Writes down that a report is to be mailed, once for its day and cause, and no more than `most` of one day. */
export async function insertReport(db: Kysely<Database>, report: ReportName, most: number): Promise<void> {
  await sql`
    insert into operator_reports (day, cause, key)
    select ${report.day}, ${report.cause}, 'report/' || gen_random_uuid()
    where (select count(*) from operator_reports where day = ${report.day}) < ${most}
    on conflict do nothing`.execute(db);
}

/** Claims the oldest report whose time has come, as `claimNotice` claims a notice. */
export async function claimReport(db: Kysely<Database>, lease: number): Promise<ClaimedReport | undefined> {
  const { rows } = await sql<ClaimedReport>`
    update operator_reports r set lease = ${lease} where (day, cause) = (
      select day, cause from operator_reports o where settled_at is null and next_attempt_at <= now()
        and (lease is null or lease = ${lease} or not ${isHeldByTheLiving('o.lease')})
      order by day, cause limit 1 for update skip locked)
    returning day, cause, key, body, attempts, transport, first_attempt_at "firstAttemptAt",
      uncertain_at "uncertainAt", lease, now() now`.execute(db);
  return rows[0];
}

/** Commits what will be sent before the first attempt; false when the claim is no longer ours. */
export async function freezeReport(
  db: Kysely<Database>,
  report: ClaimedReport,
  frozen: { body: Buffer; transport: string; uncertain: boolean },
): Promise<boolean> {
  return mine(
    await sql`
      update operator_reports set body = ${frozen.body}, transport = ${frozen.transport}, first_attempt_at = now(),
        uncertain_at = case when ${frozen.uncertain} then now() end
      where ${claimed(report)}`.execute(db),
  );
}

/** Commits that from here on the outcome is open until an answer is written down. */
export async function markReportUncertain(db: Kysely<Database>, report: ClaimedReport): Promise<boolean> {
  return mine(
    await sql`update operator_reports set uncertain_at = coalesce(uncertain_at, now())
      where ${claimed(report)}`.execute(db),
  );
}

/** The final word; the body goes, the row stays, so that the same cause never mails twice. */
export async function settleReport(
  db: Kysely<Database>,
  report: ClaimedReport,
  outcome: { isAccepted: boolean; reason: string },
): Promise<void> {
  await sql`
    update operator_reports set settled_at = now(), accepted_at = case when ${outcome.isAccepted} then now() end,
      reason = ${outcome.reason}, body = null, lease = null
    where ${claimed(report)}`.execute(db);
}

/** Gives the claim back for later. What was certainly not taken is made anew then, under a new key. */
export async function releaseReport(
  db: Kysely<Database>,
  report: ClaimedReport,
  release: { afterMs: number; uncertain: boolean; reason: string },
): Promise<void> {
  const { afterMs, uncertain, reason } = release;
  await sql`
    update operator_reports set lease = null, attempts = attempts + 1, reason = ${reason},
      next_attempt_at = now() + make_interval(secs => ${afterMs / 1000}::float8),
      uncertain_at = case when ${uncertain} then uncertain_at end,
      body = case when ${uncertain} then body end,
      key = case when ${uncertain} then key else 'report/' || gen_random_uuid() end
    where ${claimed(report)}`.execute(db);
}

/** Ends all that another server may have mailed already. */
export async function settleReportsBut(db: Kysely<Database>, causes: readonly string[]): Promise<void> {
  await sql`update operator_reports set settled_at = now(), reason = 'restored from a backup', body = null
    where settled_at is null and cause <> all(${causes}::text[])`.execute(db);
}

/** The last reports, newest first. */
export async function listReports(
  db: Kysely<Database>,
  limit: number,
): Promise<
  { day: string; cause: string; acceptedAt: Date | null; settledAt: Date | null; reason: string | null }[]
> {
  return db
    .selectFrom('operator_reports')
    .select(['day', 'cause', 'accepted_at as acceptedAt', 'settled_at as settledAt', 'reason'])
    .orderBy('day', 'desc')
    .orderBy('cause')
    .limit(limit)
    .execute();
}

function claimed({ day, cause, lease }: ClaimedReport) {
  return sql`day = ${day} and cause = ${cause} and lease = ${lease} and settled_at is null`;
}

function mine({ numAffectedRows }: { numAffectedRows?: bigint }): boolean {
  return numAffectedRows === 1n;
}
