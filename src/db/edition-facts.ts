import { type Kysely, sql } from 'kysely';
import { addCounts } from '../domain/ledger.ts';
import type { Database } from './schema.ts';

/** What one edition's batches and ranges tell of its course. */
export interface EditionFacts {
  openedAt: Date;
  closedAt: Date | null;
  /** Waits unplanned, and why. */
  heldReason: string | null;
  ranges: number;
  rangesComposed: number;
  missed: number;
  firstFrozenAt: Date | null;
  lastSettledAt: Date | null;
  batches: { state: string; batches: number; members: number }[];
  /** Digests settled by the UTC hour. */
  hours: { at: Date; digests: number }[];
  /** What the transport said of those it refused, the most frequent first. */
  refusals: { words: string; digests: number }[];
}

/** What the world reported of one edition's digests, from one look at its partition. */
export interface EditionOutcomes {
  delivered: number;
  bounced: number;
  complained: number;
  bounceClasses: Record<string, number>;
  /** Number of papers → number of digests. */
  papersPerDigest: Record<string, number>;
  /** From acceptance to delivery: half took no longer than the median, nine of ten no longer than `most`. */
  delayS: { median: number; most: number } | null;
  /** Accepted for more than an hour, and nothing was heard of them since. */
  silent: number;
  /** Of the HTML parts of some; null where none could be put together. */
  htmlBytes: { median: number; largest: number } | null;
}

const refusalsMax = 10;

export async function readEditionFacts(
  db: Kysely<Database>,
  date: string,
): Promise<EditionFacts | undefined> {
  const { rows } = await sql<Omit<EditionFacts, 'hours'> & { hours: { at: string; digests: number }[] }>`
    with b as (select state, cardinality(positions) members, frozen_at, settled_at, refused, reason
      from batches where edition_date = ${date})
    select e.opened_at "openedAt", e.closed_at "closedAt",
      case when e.released_at is null then e.held_reason end "heldReason",
      (select count(*)::int from ranges where edition_date = e.date) ranges,
      (select count(composed_at)::int from ranges where edition_date = e.date) "rangesComposed",
      (select coalesce(sum(subscribers), 0)::int from missed_slots where edition_date = e.date) missed,
      (select min(frozen_at) from b) "firstFrozenAt", (select max(settled_at) from b) "lastSettledAt",
      (select coalesce(json_agg(s order by s.state), '[]') from (
        select state, count(*)::int batches, sum(members)::int members from b group by state) s) batches,
      (select coalesce(json_agg(h order by h.at), '[]') from (
        select date_trunc('hour', settled_at, 'UTC') at, sum(members)::int digests
        from b where state = 'accepted' group by 1) h) hours,
      (select coalesce(json_agg(r), '[]') from (
        select words, sum(digests)::int digests from (
          select value words, 1 digests from b, jsonb_each_text(refused)
          union all select coalesce(reason, 'no reason given'), members from b where state = 'failed') said
        group by words order by digests desc, words limit ${refusalsMax}) r) refusals
    from editions e where e.date = ${date}
  `.execute(db);
  const row = rows[0];
  return row && { ...row, hours: row.hours.map(({ at, digests }) => ({ at: new Date(at), digests })) };
}

/** A delay is counted in steps of a tenth, from a second on: sorting a million would cost more than it tells. */
const delayStep = 1.1;

/**
 * Reads the whole partition of the date once: for a million digests that takes a moment. The batch of a digest is the one it
 * was composed into; of one that was cut up the moment of cutting stands for acceptance, which is seconds off.
 */
export async function countEditionOutcomes(db: Kysely<Database>, date: string): Promise<EditionOutcomes> {
  const { rows } = await sql<CountedRow>`
    select cardinality(paper_ids) papers, bounce_class class,
      case when delivered_at >= b.settled_at and b.state in ('accepted', 'split') then
        floor(ln(greatest(1, extract(epoch from delivered_at - b.settled_at)::float8)) / ln(${delayStep}::float8))::int
      end step,
      count(*)::int digests, count(delivered_at)::int delivered, count(bounced_at)::int bounced,
      count(complained_at)::int complained,
      (count(*) filter (where b.state = 'accepted' and b.settled_at < now() - interval '1 hour'
        and delivered_at is null and bounced_at is null and complained_at is null and failed_at is null))::int silent
    from digests d left join batches b on b.id = d.batch_id and b.edition_date = ${date}
    where local_date = ${date} and batch_id is not null group by 1, 2, 3 order by 1, 2, 3
  `.execute(db);
  const sum = (of: keyof Pick<CountedRow, 'delivered' | 'bounced' | 'complained' | 'silent'>) =>
    rows.reduce((n, row) => n + row[of], 0);
  const counts: EditionOutcomes = {
    delivered: sum('delivered'),
    bounced: sum('bounced'),
    complained: sum('complained'),
    silent: sum('silent'),
    bounceClasses: {},
    papersPerDigest: {},
    delayS: delaysOf(rows),
    htmlBytes: null,
  };
  for (const row of rows) {
    if (row.class) addCounts(counts.bounceClasses, { [row.class]: row.bounced });
    addCounts(counts.papersPerDigest, { [row.papers]: row.digests });
  }
  return counts;
}

interface CountedRow {
  papers: number;
  class: string | null;
  /** Null where it was not delivered. */
  step: number | null;
  digests: number;
  delivered: number;
  bounced: number;
  complained: number;
  silent: number;
}

function delaysOf(rows: readonly CountedRow[]): EditionOutcomes['delayS'] {
  const steps = rows.filter((row) => row.step !== null).toSorted((a, b) => a.step! - b.step!);
  const all = steps.reduce((n, { delivered }) => n + delivered, 0);
  if (all === 0) return null;
  const reaching = (share: number) => {
    let seen = 0;
    const found = steps.find(({ delivered }) => (seen += delivered) >= all * share);
    return Math.round(delayStep ** found!.step!);
  };
  return { median: reaching(0.5), most: reaching(0.9) };
}
