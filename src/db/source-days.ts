import { type Kysely, sql } from 'kysely';

import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import type { Database } from './schema.ts';
import type { DayState } from './tables/sources.ts';

export interface DayRead {
  source: string;
  day: string;
  state: DayState;
  readAt: Date;
  /** For operators: why a day is not what it should be. */
  note?: string;
}

/**
 * Notes how far a source's list of a day has been read. A complete list never becomes less than that, and a failed
 * reading does not undo a partial one: it only adds its note.
 */
export async function recordDayRead(db: Kysely<Database>, read: DayRead): Promise<void> {
  await changeCatalogue(db, async (trx) => {
    const { rows } = await sql<{ before: DayState | null; after: DayState }>`
      with before as (select state from source_days where source = ${read.source} and day = ${read.day})
      insert into source_days as d (source, day, state, papers, read_at, note)
      values (${read.source}, ${read.day}, ${read.state},
        (select count(*) from listings where source = ${read.source} and listed_on = ${read.day}),
        ${read.readAt}, ${read.note ?? null})
      on conflict (source, day) do update set
        state = case when d.state = 'complete' then 'complete'
          when d.state = 'partial' and excluded.state = 'failed' then 'partial' else excluded.state end,
        papers = excluded.papers,
        read_at = case when excluded.state = 'failed' then d.read_at else greatest(d.read_at, excluded.read_at) end,
        note = case when excluded.read_at >= d.read_at then excluded.note else d.note end
      returning state as after, (select state from before) as before
    `.execute(trx);
    if (rows[0] && rows[0].before !== rows[0].after) await bumpDataGeneration(trx);
  });
}

/** What is known of a source's days from one on. */
export async function readDaysKnown(
  db: Kysely<Database>,
  source: string,
  from: string,
): Promise<Map<string, { state: DayState; readAt: Date }>> {
  const rows = await db
    .selectFrom('source_days')
    .select(['day', 'state', 'read_at as readAt'])
    .where('source', '=', source)
    .where('day', '>=', from)
    .execute();
  return new Map(rows.map(({ day, ...known }) => [day, known]));
}

/** The state of a source's day, or undefined when it was never read. */
export async function readDayState(
  db: Kysely<Database>,
  source: string,
  day: string,
): Promise<DayState | undefined> {
  const row = await db
    .selectFrom('source_days')
    .select('state')
    .where('source', '=', source)
    .where('day', '=', day)
    .executeTakeFirst();
  return row?.state;
}
