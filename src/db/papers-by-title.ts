import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from './schema.ts';

export interface NamedPaper {
  id: number;
  key: string;
  title: string;
  listedOn: string | null;
  isWithdrawn: boolean;
}

/** Of more papers that fit, only so many are named. */
export const fittingPapersMax = 5;

/** The paper with this key, unless an operator hid it. */
export async function findPaperByKey(db: Kysely<Database>, key: string): Promise<NamedPaper | undefined> {
  const { rows } = await sql<NamedPaper>`
    select ${namedColumns} from papers p where p.key = ${key} and p.hidden_at is null`.execute(db);
  return rows[0];
}

/**
 * The papers that a title means: those that have it exactly, whatever the case; else, of those first listed since a day,
 * the ones whose title has the most of its words, and more than half of them. None for a title of common words only.
 */
export async function findPapersByTitle(
  db: Kysely<Database>,
  title: string,
  { since }: { since: string },
): Promise<NamedPaper[]> {
  // All of its words come first, so that the index on words finds the few whose titles are then compared.
  const exact = await sql<NamedPaper>`
    select ${namedColumns} from papers p
    where p.search @@ plainto_tsquery('english', ${title}) and ${levelled(sql`p.title`)} = ${levelled(sql`${title}`)}
      and p.hidden_at is null
    order by p.first_listed_on desc nulls last, p.id limit ${fittingPapersMax}`.execute(db);
  if (exact.rows.length > 0) return exact.rows;
  const { rows } = await sql<NamedPaper>`
    with asked as (select tsvector_to_array(to_tsvector('english', ${title})) words),
    near as materialized (
      select p.id, cardinality(words) wanted, cardinality(array(
        select unnest(words) intersect select unnest(tsvector_to_array(ts_filter(p.search, '{a}'))))) shared
      from papers p, asked where p.first_listed_on >= ${since} and p.hidden_at is null)
    select ${namedColumns} from papers p join near using (id)
    where shared * 2 > wanted and shared = (select max(shared) from near)
    order by p.votes desc, p.id limit ${fittingPapersMax}`.execute(db);
  return rows;
}

const namedColumns = sql`p.id, p.key, p.title, p.first_listed_on "listedOn", p.withdrawn_at is not null "isWithdrawn"`;

/** Small letters, one space between words. */
function levelled(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`lower(regexp_replace(btrim(${text}::text), '\\s+', ' ', 'g'))`;
}
