import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

export interface SourceCheck {
  /** The last day whose changes are known; null while none is. */
  through: string | null;
  triedAt: Date;
}

/** How far a source's changes have been read; undefined when nobody ever tried. */
export async function readSourceCheck(
  db: Kysely<Database>,
  source: string,
): Promise<SourceCheck | undefined> {
  return db
    .selectFrom('source_checks')
    .select(['through', 'tried_at as triedAt'])
    .where('source', '=', source)
    .executeTakeFirst();
}

/** Notes that somebody is about to try. */
export async function noteCheckTried(db: Kysely<Database>, source: string, at: Date): Promise<void> {
  await sql`insert into source_checks (source, tried_at) values (${source}, ${at})
    on conflict (source) do update set tried_at = greatest(source_checks.tried_at, excluded.tried_at)`.execute(
    db,
  );
}

/** Notes that the changes of all days up to this one are known. */
export async function noteChecked(db: Kysely<Database>, source: string, through: string): Promise<void> {
  await sql`update source_checks set through = greatest(through, ${through}::date) where source = ${source}`.execute(
    db,
  );
}
