import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** Digests accepted in each of the last UTC hours, the empty ones too, oldest first. */
export async function countByHour(
  db: Kysely<Database>,
  { hours, today }: { hours: number; today: string },
): Promise<{ at: Date; digests: number }[]> {
  // The batches are read once and counted by their hour; joined to each hour they would be read for every one of them.
  const { rows } = await sql<{ at: Date; digests: number }>`
    select h at, coalesce(digests, 0)::int digests
    from generate_series(date_trunc('hour', now(), 'UTC') - make_interval(hours => ${hours - 1}::int),
      date_trunc('hour', now(), 'UTC'), interval '1 hour') h
    left join (select date_trunc('hour', settled_at, 'UTC') at, sum(cardinality(positions)
        - case when refused is null and dropped is null then 0
          else (select count(*) from jsonb_object_keys(coalesce(refused, '{}') || coalesce(dropped, '{}'))) end) digests
      from batches where edition_date >= ${today}::date - ${Math.ceil(hours / 24) + 2}::int and state = 'accepted'
        and settled_at > now() - make_interval(hours => ${hours}::int)
      group by 1) accepted on at = h
    order by h`.execute(db);
  return rows;
}

/** Papers first listed on each day since, by the curated topic they match. */
export async function countPapersByTopic(
  db: Kysely<Database>,
  since: string,
): Promise<{ topic: string; day: string; papers: number }[]> {
  const { rows } = await sql<{ topic: string; day: string; papers: number }>`
    select t.name topic, p.first_listed_on as day, count(*)::int papers
    from papers p join matches m on m.paper_id = p.id
      join topics t on t.id = m.topic_id and t.slug is not null and t.retired_at is null
    where p.first_listed_on >= ${since} group by 1, 2`.execute(db);
  return rows;
}

export interface ReaderDay {
  day: string;
  gained: number;
  left: number;
  /** Addresses suppressed for bounces and complaints. */
  lost: number;
}

/** Readers who confirmed, who left, and whose addresses were suppressed, on each UTC day since. */
export async function countReadersByDay(
  db: Kysely<Database>,
  since: string,
  until: string,
): Promise<ReaderDay[]> {
  const { rows } = await sql<ReaderDay>`
    select d.day::date as day, coalesce(g.n, 0)::int gained, coalesce(l.n, 0)::int "left", coalesce(s.n, 0)::int lost
    from generate_series(${since}::date, ${until}::date, interval '1 day') d(day)
    left join (select (confirmed_at at time zone 'utc')::date as day, count(*) n from subscribers
      where confirmed_at >= ${since}::timestamp at time zone 'utc' group by 1) g on g.day = d.day
    left join (select (unsubscribed_at at time zone 'utc')::date as day, count(*) n from subscribers
      where unsubscribed_at >= ${since}::timestamp at time zone 'utc' group by 1) l on l.day = d.day
    left join (select (created_at at time zone 'utc')::date as day, count(*) n from suppressions
      where created_at >= ${since}::timestamp at time zone 'utc' and reason in ('hard_bounce', 'soft_bounces', 'complaint')
      group by 1) s on s.day = d.day
    order by 1`.execute(db);
  return rows;
}

/** What says how an edition goes at the moment. */
export interface Pace {
  /** Digests accepted in the last `paceS` seconds. */
  recent: number;
  /** When the last of its slots comes round that somebody is in. */
  lastDueAt: Date | null;
}

export const paceS = 300;

export async function readPace(db: Kysely<Database>, date: string): Promise<Pace> {
  const { rows } = await sql<Pace>`
    select (select coalesce(sum(cardinality(positions)), 0)::int from batches
        where edition_date = ${date} and state = 'accepted'
          and settled_at > now() - make_interval(secs => ${paceS}::int)) recent,
      (select max(next_due_at) from slots l where next_local_date <= ${date}
        and exists (select 1 from subscribers s where s.slot_id = l.id and s.status = 'active')) "lastDueAt"`.execute(
    db,
  );
  return rows[0]!;
}
