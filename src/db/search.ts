import { type Kysely, type RawBuilder, sql } from 'kysely';
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

/** A question that takes longer is given up (Postgres 57014): nobody waits for it, and others must not either. */
const searchTimeoutMs = 3000;

/** Papers that meet all of a query, best first: by words where it has any, newest first otherwise. */
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
    const { rows } = await sql<ListedPaper & { total: number }>`
      select ${listedColumns}, count(*) over ()::int total from papers p
      where p.withdrawn_at is null and p.hidden_at is null ${conditions(query, words === '' ? undefined : asked)}
      order by ${rank} desc, p.first_listed_on desc nulls last, p.votes desc, p.id
      limit ${limit} offset ${offset}
    `.execute(trx);
    return { papers: rows, total: rows[0]?.total ?? 0, isOnlyCommonWords: false };
  });
}

function conditions(query: SearchQuery, asked: RawBuilder<unknown> | undefined): RawBuilder<unknown> {
  const all: RawBuilder<unknown>[] = [];
  if (asked) all.push(sql`p.search @@ ${asked}`);
  for (const author of query.authors) {
    all.push(sql`exists (select 1 from unnest(p.authors) a where a ilike ${contains(author)})`);
  }
  for (const organization of query.organizations)
    all.push(sql`p.organization ilike ${contains(organization)}`);
  for (const category of query.categories) {
    all.push(
      sql`exists (select 1 from unnest(p.categories) c where c = ${category} or c like ${`${category}.%`})`,
    );
  }
  for (const topic of query.topics) {
    const slug = slugOf(topic);
    all.push(sql`exists (select 1 from matches m join topics t on t.id = m.topic_id
      where m.paper_id = p.id and t.slug is not null
        and (t.slug = ${slug} or lower(t.name) = lower(${topic})))`);
  }
  const listed = sql`coalesce(p.first_listed_on, p.published_at::date)`;
  if (query.after) all.push(sql`${listed} >= ${query.after}::date`);
  if (query.before) all.push(sql`${listed} < ${query.before}::date`);
  return all.length === 0 ? sql`` : sql`and ${sql.join(all, sql` and `)}`;
}

/** A pattern that finds the text anywhere, whatever characters it has. */
function contains(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
