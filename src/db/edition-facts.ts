import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** What one edition's batches and ranges tell of its course. */
export interface EditionFacts {
  openedAt: Date;
  closedAt: Date | null;
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

/** Reads the whole partition of the date once: for a million digests that takes a moment. */
export async function countEditionOutcomes(db: Kysely<Database>, date: string): Promise<EditionOutcomes> {
  const { rows } = await sql<{
    papers: number;
    class: string | null;
    digests: number;
    delivered: number;
    bounced: number;
    complained: number;
  }>`
    select cardinality(paper_ids) papers, bounce_class class, count(*)::int digests,
      count(delivered_at)::int delivered, count(bounced_at)::int bounced, count(complained_at)::int complained
    from digests where local_date = ${date} and batch_id is not null group by 1, 2 order by 1, 2
  `.execute(db);
  const counts: EditionOutcomes = {
    delivered: 0,
    bounced: 0,
    complained: 0,
    bounceClasses: {},
    papersPerDigest: {},
  };
  for (const row of rows) {
    counts.delivered += row.delivered;
    counts.bounced += row.bounced;
    counts.complained += row.complained;
    if (row.class) counts.bounceClasses[row.class] = (counts.bounceClasses[row.class] ?? 0) + row.bounced;
    counts.papersPerDigest[row.papers] = (counts.papersPerDigest[row.papers] ?? 0) + row.digests;
  }
  return counts;
}
