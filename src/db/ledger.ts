import { type Kysely, sql } from 'kysely';
import { addCounts, type FailureReason, type Ledger } from '../domain/ledger.ts';
import type { Database } from './schema.ts';

/** Batches of one fate, taken together. */
interface BatchCounts {
  state: string;
  batches: number;
  members: number;
  dropped: Record<string, string> | null;
  refused: Record<string, string> | null;
  failure: FailureReason | null;
}

interface Counted {
  closed: boolean | null;
  missed: number;
  ranges: {
    composed: boolean;
    expected: number;
    audience: number | null;
    skipped: Record<string, number> | null;
  }[];
  batches: BatchCounts[];
}

/**
 * What became of an edition's audience, counted from its ranges, batches and missed slots, never from the digests
 * themselves. Batches of one fate come as one, because over SMTP there are as many as readers. One statement, so that it is the ledger of one moment.
 */
export async function readLedger(db: Kysely<Database>, date: string): Promise<Ledger> {
  const { rows } = await sql<Counted>`
    select (select closed_at is not null from editions where date = ${date}) closed,
      (select coalesce(sum(subscribers), 0)::int from missed_slots where edition_date = ${date}) missed,
      (select coalesce(json_agg(json_build_object('composed', composed_at is not null, 'expected', expected,
        'audience', audience, 'skipped', skipped)), '[]') from ranges where edition_date = ${date}) ranges,
      (select coalesce(json_agg(fate), '[]') from (
        select state, count(*)::int batches, sum(cardinality(positions))::int members, dropped, refused, failure
        from batches where edition_date = ${date}
        group by state, dropped, refused, failure) fate) batches
  `.execute(db);
  const { closed, missed, ranges, batches } = rows[0]!;
  const skipped: Record<string, number> = {};
  const ledger: Ledger = {
    date,
    audience: missed,
    pending: 0,
    accepted: 0,
    skipped,
    failed: {},
    unknown: 0,
    closed: closed ?? false,
  };
  addCounts(skipped, { too_late: missed });
  for (const range of ranges) {
    ledger.audience += range.composed ? (range.audience ?? 0) : range.expected;
    if (!range.composed) ledger.pending += range.expected;
    addCounts(skipped, range.skipped);
  }
  for (const batch of batches) countBatch(ledger, batch);
  return ledger;
}

/** An edition's audience so far, as its ledger counts it; 0 where there is none. */
export async function readAudience(db: Kysely<Database>, date: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce((select (ledger ->> 'audience')::int from editions where date = ${date}),
      (select coalesce(sum(coalesce(audience, expected)), 0)::int from ranges where edition_date = ${date})
      + (select coalesce(sum(subscribers), 0)::int from missed_slots where edition_date = ${date})) n`.execute(
    db,
  );
  return rows[0]!.n;
}

/** The dates that have an edition, newest first; those before a date, where one is given. */
export async function listEditionDates(
  db: Kysely<Database>,
  limit: number,
  before?: string,
): Promise<string[]> {
  const rows = await editionsBefore(db, limit, before).select('date').execute();
  return rows.map((row) => row.date);
}

/** The newest ledgers first. Those of closed editions are read as they were closed, the others counted. */
export async function listLedgers(db: Kysely<Database>, limit: number, before?: string): Promise<Ledger[]> {
  const rows = await editionsBefore(db, limit, before).select(['date', 'ledger']).execute();
  const ledgers: Ledger[] = [];
  for (const { date, ledger } of rows)
    ledgers.push((ledger as Ledger | null) ?? (await readLedger(db, date)));
  return ledgers;
}

function editionsBefore(db: Kysely<Database>, limit: number, before: string | undefined) {
  const newest = db.selectFrom('editions').orderBy('date', 'desc').limit(limit);
  return before === undefined ? newest : newest.where('date', '<', before);
}

function countBatch(ledger: Ledger, batch: BatchCounts): void {
  const dropped = Object.values(batch.dropped ?? {});
  const refused = Object.keys(batch.refused ?? {}).length * batch.batches;
  for (const reason of dropped)
    addCounts(ledger.skipped as Record<string, number>, { [reason]: batch.batches });
  const members = batch.members - dropped.length * batch.batches;
  switch (batch.state) {
    case 'composed':
    case 'frozen':
      ledger.pending += members;
      break;
    case 'accepted':
      ledger.accepted += members - refused;
      if (refused > 0) addCounts(ledger.failed as Record<string, number>, { refused });
      break;
    case 'failed':
      addCounts(ledger.failed as Record<string, number>, { [batch.failure ?? 'refused']: members });
      break;
    case 'unknown':
      ledger.unknown += members;
      break;
    // The members of a split batch are counted with its halves; an empty one has dropped them all.
  }
}
