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
  date: string;
  closed: boolean;
  missed: number;
  /** Of ranges not composed yet, as many as were expected. */
  uncomposed: number;
  composed: number;
  skipped: Record<string, number>;
  batches: BatchCounts[];
}

/** What became of an edition's audience. */
export async function readLedger(db: Kysely<Database>, date: string): Promise<Ledger> {
  const [ledger] = await readLedgers(db, [date]);
  return ledger!;
}

/**
 * The ledgers of some dates, counted from ranges, batches and missed slots, never from the digests themselves. Batches of
 * one fate come as one, because over SMTP there are as many as readers. One statement, so that they are of one moment.
 */
export async function readLedgers(db: Kysely<Database>, dates: readonly string[]): Promise<Ledger[]> {
  const { rows } = await sql<Counted>`
    select d.date, coalesce((select closed_at is not null from editions where date = d.date), false) closed,
      (select coalesce(sum(subscribers), 0)::int from missed_slots where edition_date = d.date) missed,
      r.uncomposed, r.composed,
      (select coalesce(json_object_agg(s.reason, s.n), '{}') from (
        select reason, sum(n::int)::int n from ranges, jsonb_each_text(skipped) said(reason, n)
        where edition_date = d.date group by reason having sum(n::int) > 0) s) skipped,
      (select coalesce(json_agg(fate), '[]') from (
        select state, count(*)::int batches, sum(cardinality(positions))::int members, dropped, refused, failure
        from batches where edition_date = d.date
        group by state, dropped, refused, failure) fate) batches
    from unnest(${dates}::date[]) with ordinality d(date, place)
    cross join lateral (
      select coalesce(sum(expected) filter (where composed_at is null), 0)::int uncomposed,
        coalesce(sum(audience) filter (where composed_at is not null), 0)::int composed
      from ranges where edition_date = d.date) r
    order by d.place
  `.execute(db);
  return rows.map(addUp);
}

function addUp({ date, closed, missed, uncomposed, composed, skipped, batches }: Counted): Ledger {
  const ledger: Ledger = {
    date,
    audience: missed + uncomposed + composed,
    pending: uncomposed,
    accepted: 0,
    skipped,
    failed: {},
    unknown: 0,
    closed,
  };
  addCounts(skipped, { too_late: missed });
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
  const open = rows.filter(({ ledger }) => ledger === null).map(({ date }) => date);
  const counted = new Map((await readLedgers(db, open)).map((ledger) => [ledger.date, ledger]));
  return rows.map(({ date, ledger }) => (ledger as Ledger | null) ?? counted.get(date)!);
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
