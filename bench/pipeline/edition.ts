import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { addDays } from '../../src/domain/cadence.ts';
import { total } from '../../src/domain/ledger.ts';

/** One edition, from the moment it is planned until its last batch was accepted. */
export interface EditionRun {
  digests: number;
  seconds: number;
  /** Before that: what each process takes to prepare. Only this time is not counted; what is written meanwhile is. */
  preparedSeconds: number;
  /** Until the last range was composed. */
  composedSeconds: number;
  /** Of the whole server, and nothing else runs on it. */
  walBytes: number;
  diskBytes: number;
}

const lookEveryMs = 200;

/**
 * Lets the workers make the edition of `date`. Begins with a checkpoint, so that each run pays for full pages in the
 * log, and fails unless everybody got their digest or had nothing new.
 */
export async function runEdition(
  ctx: Context,
  date: string,
  prepareAll: (at: string) => Promise<unknown>,
): Promise<EditionRun> {
  await sql`checkpoint`.execute(ctx.db);
  const before = await readStorage(ctx);
  const preparedFrom = Date.now();
  await prepareAll(`${date}T07:00:00Z`);
  const startedAt = Date.now();
  await ctx.queues.add('plan', { at: `${date}T07:00:01Z` });
  while (!(await isDone(ctx, date))) await pause(lookEveryMs);
  const after = await readStorage(ctx);
  const ledger = await readLedger(ctx.db, date);
  if (ledger.pending + ledger.unknown + total(ledger.failed) > 0) {
    throw new Error(`The edition of ${date} did not come out whole: ${JSON.stringify(ledger)}`);
  }
  const { rows } = await sql<{ settled: Date; composed: Date }>`
    select (select max(settled_at) from batches where edition_date = ${date}) settled,
      (select max(composed_at) from ranges where edition_date = ${date}) composed`.execute(ctx.db);
  return {
    digests: ledger.accepted,
    seconds: (rows[0]!.settled.getTime() - startedAt) / 1000,
    preparedSeconds: (startedAt - preparedFrom) / 1000,
    composedSeconds: (rows[0]!.composed.getTime() - startedAt) / 1000,
    walBytes: after.wal - before.wal,
    diskBytes: after.disk - before.disk,
  };
}

/** Makes the lists those of the day after, as if a day with as many papers had gone by. */
export async function moveListsOn({ db }: Context): Promise<void> {
  for (const statement of [
    sql`update papers set first_listed_on = first_listed_on + 1`,
    sql`update listings set listed_on = listed_on + 1`,
    sql`update source_days set day = day + 100`,
    sql`update source_days set day = day - 99`,
    sql`update installation set data_generation = data_generation + 1`,
    // No day of a real installation changes all papers; what that leaves behind is no edition's doing.
    sql`vacuum analyze papers, listings`,
  ])
    await statement.execute(db);
}

export function dateOf(first: string, run: number): string {
  return addDays(first, run);
}

async function isDone({ db }: Context, date: string): Promise<boolean> {
  const { rows } = await sql<{ done: boolean }>`
    select exists (select 1 from ranges where edition_date = ${date})
      and not exists (select 1 from ranges where edition_date = ${date} and composed_at is null)
      and not exists (select 1 from batches where edition_date = ${date} and state in ('composed', 'frozen')) done
  `.execute(db);
  return rows[0]!.done;
}

async function readStorage({ db }: Context): Promise<{ wal: number; disk: number }> {
  const { rows } = await sql<{ wal: string; disk: string }>`
    select pg_current_wal_insert_lsn() - '0/0' wal, pg_database_size(current_database()) disk`.execute(db);
  return { wal: Number(rows[0]!.wal), disk: Number(rows[0]!.disk) };
}
