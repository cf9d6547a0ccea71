import { sql } from 'kysely';
import { listOpenRanges } from '../../src/db/ranges.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { isGateOpen } from '../../src/pipeline/hand-over.ts';
import { plan, type Planned } from '../../src/pipeline/plan.ts';
import { Retryable } from '../../src/queue/errors.ts';
import type { TestContext } from './context.ts';

const roundsMax = 60;

/** Plans what is due at `at` and composes every open range. Gives the ids of all batches that wait. */
export async function planAndCompose(
  ctx: TestContext,
  at?: string,
): Promise<Planned & { batchIds: number[] }> {
  if (at) ctx.setNow(at);
  const planned = await plan(ctx);
  for (const rangeId of await listOpenRanges(ctx.db, 10_000)) await compose(ctx, { rangeId });
  return { ...planned, batchIds: await listWaiting(ctx) };
}

/**
 * Delivers whatever waits, as the workers would over time: waits are cut short in the rows, so that nothing sleeps.
 * Ends when nothing waits or the gate is closed. Gives every error that was no waiting.
 */
export async function deliverAll(ctx: TestContext): Promise<Error[]> {
  const faults: Error[] = [];
  for (let round = 0; round < roundsMax; round++) {
    await hurry(ctx);
    const ids = await listWaiting(ctx);
    if (ids.length === 0 || !(await isGateOpen(ctx))) return faults;
    for (const batchId of ids) {
      const fault = await attempt(ctx, { batchId });
      if (fault) faults.push(fault);
    }
  }
  throw new Error(`Batches still wait after ${roundsMax} rounds.`);
}

/** One delivery; waiting (`Retryable`) is no fault. */
export async function attempt(
  ctx: TestContext,
  job: { batchId: number } | { noticeId: number },
): Promise<Error | undefined> {
  try {
    await deliver(ctx, job);
    return undefined;
  } catch (error) {
    if (error instanceof Retryable) return undefined;
    return error as Error;
  }
}

/** Every wait in the rows is over. Parked and halted gates stay closed. */
export async function hurry(ctx: TestContext): Promise<void> {
  await sql`update batches set next_attempt_at = now() where next_attempt_at > now()`.execute(ctx.db);
  await sql`update notices set next_attempt_at = now() where next_attempt_at > now()`.execute(ctx.db);
  await sql`update gates set next_slot_at = now() where next_slot_at > now()`.execute(ctx.db);
}

/** The batch as if so much real time had gone by since its first attempt. */
export async function ageBatch(ctx: TestContext, batchId: number, interval: string): Promise<void> {
  await sql`update batches set first_attempt_at = first_attempt_at - ${interval}::interval,
    uncertain_at = uncertain_at - ${interval}::interval where id = ${batchId}`.execute(ctx.db);
}

/** As Postgres sees the death of this process: its lease's connection is gone, so its claims are free. */
export async function killLease(ctx: TestContext): Promise<void> {
  const id = ctx.lease!.id();
  await sql`select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and objsubid = 2 and objid = ${id}`.execute(ctx.db);
  for (;;) {
    const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and objsubid = 2
      and objid = ${id}`.execute(ctx.db);
    if (rows.length === 0) return;
  }
}

export async function readBatch(ctx: TestContext, batchId: number) {
  return ctx.db.selectFrom('batches').selectAll().where('id', '=', batchId).executeTakeFirstOrThrow();
}

/** The digests of a date, by subscriber, with the keys of their papers. */
export async function readDigests(ctx: TestContext, localDate: string) {
  const { rows } = await sql<{
    subscriberId: number;
    skipped: string | null;
    batchId: number | null;
    position: number | null;
    papers: string[];
  }>`
    select subscriber_id "subscriberId", skipped, batch_id "batchId", position,
      array(select key from papers where id = any(paper_ids) order by array_position(paper_ids, id)) papers
    from digests where local_date = ${localDate} order by subscriber_id`.execute(ctx.db);
  return rows;
}

/** How many mails of the mailbox each address got. */
export async function countMailed(ctx: TestContext): Promise<Map<string, number>> {
  const rows = await ctx.db.selectFrom('mailbox_messages').select('to_address').execute();
  const counts = new Map<string, number>();
  for (const { to_address: to } of rows) counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}

async function listWaiting(ctx: TestContext): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('batches')
    .select('id')
    .where('state', 'in', ['composed', 'frozen'])
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
