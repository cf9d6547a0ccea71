import { type Kysely, sql } from 'kysely';
import { defaultPerSecond } from './gates.ts';
import type { Database } from './schema.ts';
import { hasMoved } from './server-identity.ts';

/** What is measured at each look, all by the database's clock. Ages and durations are in seconds. */
export interface Measurements {
  editionsOpen: number;
  /** Those that wait for somebody to look, because their audience moved. */
  editionsHeld: number;
  /** Those that a breaker or an operator paused. */
  editionsPaused: number;
  oldestOpenEditionAgeS: number | null;
  /** Of what waits at each step, but for what a pause or a canary holds back; 0 where nothing does. */
  oldestPendingAgeS: { compose: number; deliver: number; notice: number };
  /** From ready to done, the mean over the last ten minutes; null where nothing was done. */
  stepDurationS: { compose: number | null; deliver: number | null; track: number | null };
  halted: boolean;
  parked: boolean;
  /** Requests a second that the transport allows, and those of the last minute. */
  rateLimit: number;
  requestsLastMinute: number;
  sources: { source: string; listAgeS: number | null; papers: number | null }[];
}

/** A batch waits for twelve hours at most, and its answer may be asked for again for twenty. */
const openHoursMax = 36;

/**
 * One statement over what is recent, open or waiting: it never reads an edition's digests. The oldest notice is the
 * lowest number among those that wait: asked for the earliest moment instead, the planner walks through all that were
 * ever made.
 */
export async function measure(
  db: Kysely<Database>,
  given: { transport: string; perSecond: number | undefined },
): Promise<Measurements> {
  const { rows } = await sql<Measurements>`
    with gate as (select * from gates where transport = ${given.transport})
    select
      (select count(*)::int from editions where closed_at is null) "editionsOpen",
      (select count(*)::int from editions where held_at is not null and released_at is null and closed_at is null)
        "editionsHeld",
      (select count(*)::int from editions where paused_at is not null and closed_at is null) "editionsPaused",
      (select ${secondsSince(sql`min(opened_at)`)} from editions where closed_at is null) "oldestOpenEditionAgeS",
      json_build_object(
        'compose', (select case when count(*) = 0 then 0
          else ${secondsSince(sql`greatest(min(created_at), ${lastComposed})`)} end from ranges where composed_at is null),
        'deliver', (select coalesce(${secondsSince(sql`min(b.created_at)`)}, 0) from batches b
          join editions e on e.date = b.edition_date and e.closed_at is null and e.paused_at is null
            and e.resumed_at is null
          where b.state in ('composed', 'frozen')),
        'notice', coalesce((select ${secondsSince(sql`created_at`)} from notices
          where state in ('composed', 'frozen') order by id limit 1), 0)) "oldestPendingAgeS",
      json_build_object(
        'compose', (select avg(extract(epoch from composed_at - created_at))::float8 from ranges
          where composed_at > now() - interval '10 minutes'),
        'deliver', recent.deliver,
        'track', (select avg(extract(epoch from processed_at - received_at))::float8 from webhook_events
          where received_on >= (now() at time zone 'utc')::date - 1
            and received_at > now() - interval '15 minutes'
            and processed_at > now() - interval '10 minutes')) "stepDurationS",
      coalesce((select halted_at is not null from gate), false) or (select ${hasMoved} from installation) halted,
      coalesce((select parked_until > now() from gate), false) parked,
      coalesce(least((select per_second from gate), ${given.perSecond ?? null}::float8), ${defaultPerSecond})::float8
        "rateLimit",
      recent.requests "requestsLastMinute",
      (select coalesce(json_agg(s order by s.source), '[]') from (
        select distinct on (source) source, papers,
          ${secondsSince(sql`(day + 1)::timestamp at time zone 'utc'`)} "listAgeS"
        from source_days where state in ('complete', 'partial', 'holiday')
          and day >= (now() at time zone 'utc')::date - 60
        order by source, day desc) s) sources
    from (select (avg(extract(epoch from settled_at - frozen_at)) filter
        (where settled_at > now() - interval '10 minutes'))::float8 deliver,
      (count(*) filter (where first_attempt_at > now() - interval '1 minute'))::int requests
      from batches where created_at > now() - make_interval(hours => ${openHoursMax})) recent
  `.execute(db);
  return rows[0]!;
}

/** Ranges wait for their time behind a limit; compose stands still when none of them is composed. */
const lastComposed = sql`(select max(r.composed_at) from ranges r
  join editions e on e.date = r.edition_date and e.closed_at is null)`;

function secondsSince(at: ReturnType<typeof sql>) {
  return sql`extract(epoch from now() - ${at})::float8`;
}
