import { type Kysely, sql } from 'kysely';
import { addCounts, type Ledger } from '../domain/ledger.ts';
import type { Database } from './schema.ts';

interface BatchCounts {
  state: string;
  members: number;
  dropped: Record<string, string> | null;
  refused: Record<string, string> | null;
}

/**
 * What became of an edition's audience, counted from its ranges, batches and missed slots: a few rows for every
 * thousand readers, never the digests themselves.
 */
export async function readLedger(db: Kysely<Database>, date: string): Promise<Ledger> {
  const [edition, ranges, missed, batches] = await Promise.all([
    sql<{ closed: boolean }>`select closed_at is not null closed from editions where date = ${date}`.execute(
      db,
    ),
    sql<{
      composed: boolean;
      expected: number;
      audience: number | null;
      skipped: Record<string, number> | null;
    }>`
      select composed_at is not null composed, expected, audience, skipped from ranges
      where edition_date = ${date}`.execute(db),
    sql<{ n: number }>`select coalesce(sum(subscribers), 0)::int n from missed_slots
      where edition_date = ${date}`.execute(db),
    sql<BatchCounts>`select state, cardinality(positions) members, dropped, refused from batches
      where edition_date = ${date}`.execute(db),
  ]);
  const skipped: Record<string, number> = {};
  const ledger: Ledger = {
    date,
    audience: missed.rows[0]!.n,
    pending: 0,
    accepted: 0,
    skipped,
    failed: {},
    unknown: 0,
    closed: edition.rows[0]?.closed ?? false,
  };
  addCounts(skipped, { too_late: missed.rows[0]!.n });
  for (const range of ranges.rows) {
    ledger.audience += range.composed ? (range.audience ?? 0) : range.expected;
    if (!range.composed) ledger.pending += range.expected;
    addCounts(skipped, range.skipped);
  }
  for (const batch of batches.rows) countBatch(ledger, batch);
  return ledger;
}

/** The dates that have an edition, newest first. */
export async function listEditionDates(db: Kysely<Database>, limit: number): Promise<string[]> {
  const rows = await db.selectFrom('editions').select('date').orderBy('date', 'desc').limit(limit).execute();
  return rows.map((row) => row.date);
}

export async function listLedgers(db: Kysely<Database>, limit: number): Promise<Ledger[]> {
  const ledgers: Ledger[] = [];
  for (const date of await listEditionDates(db, limit)) ledgers.push(await readLedger(db, date));
  return ledgers;
}

function countBatch(ledger: Ledger, batch: BatchCounts): void {
  const dropped = Object.values(batch.dropped ?? {});
  const refused = Object.keys(batch.refused ?? {}).length;
  for (const reason of dropped) addCounts(ledger.skipped as Record<string, number>, { [reason]: 1 });
  const members = batch.members - dropped.length;
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
      addCounts(ledger.failed as Record<string, number>, { refused: members });
      break;
    case 'unknown':
      ledger.unknown += members;
      break;
    // The members of a split batch are counted with its halves; an empty one has dropped them all.
  }
}
