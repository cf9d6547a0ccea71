import { type Kysely, type RawBuilder, sql } from 'kysely';
import { categoriesUnder } from '../domain/arxiv-categories.ts';
import { type SearchQuery, wordsOf } from '../domain/search-query.ts';
import { slugOf } from '../domain/topic.ts';
import { type ListedPaper, listedColumns } from './listings.ts';
import type { Database } from './schema.ts';

export interface SearchAnswer {
  papers: ListedPaper[];
  total: number;
  /** The words are so common that they find nothing: Postgres leaves them out. */
  isOnlyCommonWords: boolean;
}

/** Of more papers than this, the newest are ranked and counted. */
export const papersRankedMax = 2000;
/** A question that takes longer is given up (Postgres 57014): nobody waits for it, and others must not either. */
const searchTimeoutMs = 3000;

/** Papers that meet all of a query, best first: by words where it has any, newest first otherwise. `total` stops at 2,000. */
export async function searchPapers(
  db: Kysely<Database>,
  query: SearchQuery,
  { limit, offset }: { limit: number; offset: number },
): Promise<SearchAnswer> {
  const words = wordsOf(query);
  return db.transaction().execute(async (trx) => {
    await sql`set local statement_timeout = ${sql.lit(searchTimeoutMs)}`.execute(trx);
    const asked = sql`websearch_to_tsquery('english', ${words})`;
    if (words !== '') {
      const { rows } = await sql<{ nodes: number }>`select numnode(${asked}) nodes`.execute(trx);
      if (rows[0]!.nodes === 0) return { papers: [], total: 0, isOnlyCommonWords: true };
    }
    const rank = words === '' ? sql`0::real` : sql`ts_rank('{0.1, 0.4, 0.4, 1.0}', p.search, ${asked}, 1)`;
    const newest = sql`p.first_listed_on desc nulls last, p.votes desc, p.id`;
    const { rows } = await sql<ListedPaper & { total: number }>`
      with found as materialized (
        select p.id from papers p
        where p.withdrawn_at is null and p.hidden_at is null ${conditions(query, words === '' ? undefined : asked)}
        order by ${newest} limit ${papersRankedMax})
      select ${listedColumns}, (select count(*)::int from found) total from papers p join found using (id)
      order by ${rank} desc, ${newest} limit ${limit} offset ${offset}
    `.execute(trx);
    return { papers: rows, total: rows[0]?.total ?? 0, isOnlyCommonWords: false };
  });
}

function conditions(query: SearchQuery, asked: RawBuilder<unknown> | undefined): RawBuilder<unknown> {
  const all: RawBuilder<unknown>[] = [];
  if (asked) all.push(sql`p.search @@ ${asked}`);
  for (const author of query.authors) all.push(named(sql`p.authors`, author));
  for (const organization of query.organizations) all.push(named(sql`array[p.organization]`, organization));
  for (const category of query.categories)
    all.push(sql`p.categories && ${[...categoriesUnder(category)]}::text[]`);
  for (const topic of query.topics) {
    const slug = slugOf(topic);
    all.push(sql`p.id in (select paper_id from matches where topic_id in (
      select id from topics where slug is not null and (slug = ${slug} or lower(name) = lower(${topic}))))`);
  }
  if (query.after) all.push(listed(sql`>= ${query.after}::date`));
  if (query.before) all.push(listed(sql`< ${query.before}::date`));
  return all.length === 0 ? sql`` : sql`and ${sql.join(all, sql` and `)}`;
}

/** When a paper was first on a list, or else published. Said twice, so that the index on lists can be used. */
function listed(isSo: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(p.first_listed_on ${isSo} or (p.first_listed_on is null and p.published_at::date ${isSo}))`;
}

/** Whether one of the names has these words side by side, the last of them perhaps only begun. */
function named(names: RawBuilder<unknown>, wanted: string): RawBuilder<unknown> {
  const words = wanted.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return sql`false`;
  return sql`names_vector(${names}) @@ to_tsquery('simple', ${`${words.join(' <-> ')}:*`})`;
}
