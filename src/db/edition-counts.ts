import { type Kysely, sql } from 'kysely';
import type { EditionOutcomes } from './edition-facts.ts';
import type { Database } from './schema.ts';

/** What was counted of these editions when it was last counted. */
export async function readEditionCounts(
  db: Kysely<Database>,
  dates: readonly string[],
): Promise<Map<string, EditionOutcomes>> {
  const rows = await db
    .selectFrom('edition_counts')
    .select(['date', 'counts'])
    .where('date', 'in', dates.length > 0 ? [...dates] : ['0001-01-01'])
    .execute();
  return new Map(rows.map(({ date, counts }) => [date, counts as EditionOutcomes]));
}

/** Keeps a count in place of the one before. */
export async function keepEditionCounts(
  db: Kysely<Database>,
  date: string,
  counts: EditionOutcomes,
): Promise<void> {
  await sql`
    insert into edition_counts (date, counts) values (${date}, ${JSON.stringify(counts)})
    on conflict (date) do update set counts = excluded.counts, counted_at = now()`.execute(db);
}

/**
 * The edition that has waited longest to be counted again; undefined where none has. Reports come in for some days;
 * later ones change little, and after two weeks nothing is counted any more, since the digests may be gone.
 */
export async function findUncounted(
  db: Kysely<Database>,
  given: { today: string; livelyDays: number; livelyMs: number; quietMs: number; daysMax: number },
): Promise<string | undefined> {
  const { today, livelyDays, livelyMs, quietMs, daysMax } = given;
  const { rows } = await sql<{ date: string }>`
    select e.date from editions e left join edition_counts c on c.date = e.date
    where e.date > ${today}::date - ${daysMax}::int and (c.counted_at is null or c.counted_at
      < now() - make_interval(secs => case when e.date > ${today}::date - ${livelyDays}::int
        then ${livelyMs / 1000}::float8 else ${quietMs / 1000}::float8 end))
    order by c.counted_at nulls first, e.date desc limit 1`.execute(db);
  return rows[0]?.date;
}
