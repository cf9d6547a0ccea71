import { type Kysely, type RawBuilder, sql } from 'kysely';

import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import type { Database } from './schema.ts';

/**
 * Matches papers that are new or changed with all live topics: one statement, never per subscriber.
 * Doing it twice changes nothing; a paper that no longer meets a topic loses its match.
 */
export async function matchPapers(db: Kysely<Database>, paperIds: readonly number[]): Promise<void> {
  if (paperIds.length === 0) return;
  const ids = [...paperIds];
  await changeCatalogue(db, async (trx) => {
    await sql`
      with ${found(sql`t.retired_at is null`, sql`p.id = any(${ids})`)},
      gone as (
        delete from matches m using topics t
        where m.paper_id = any(${ids}) and t.id = m.topic_id and t.kind = 'phrase' and t.retired_at is null
          and not exists (select 1 from found where found.topic_id = m.topic_id and found.paper_id = m.paper_id))
      insert into matches as m (topic_id, paper_id, relevance, in_title)
      select topic_id, paper_id, relevance, in_title from found
      on conflict (topic_id, paper_id) do update set relevance = excluded.relevance, in_title = excluded.in_title
        where (m.relevance, m.in_title) is distinct from (excluded.relevance, excluded.in_title)
    `.execute(trx);
    await bumpDataGeneration(trx);
  });
}

/**
 * Matches topics with every paper stored, by the index on the search vectors. Topics matched before are left alone,
 * so that it may be called for all topics of a reader; without ids it takes every live topic that never was.
 */
export async function matchTopics(db: Kysely<Database>, topicIds?: readonly number[]): Promise<void> {
  if (topicIds?.length === 0) return;
  await changeCatalogue(db, async (trx) => {
    const { rows } = await sql<{ id: number }>`
      select id from topics where kind = 'phrase' and retired_at is null and matched_through = 0
        ${topicIds === undefined ? sql`` : sql`and id = any(${[...topicIds]})`} order by id
    `.execute(trx);
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await trx.deleteFrom('matches').where('topic_id', 'in', ids).execute();
    await sql`
      with ${found(sql`t.id = any(${ids})`, sql`true`)}
      insert into matches (topic_id, paper_id, relevance, in_title)
      select topic_id, paper_id, relevance, in_title from found
    `.execute(trx);
    await sql`
      update topics set matched_through = coalesce((select max(id) from papers), 0) where id = any(${ids})
    `.execute(trx);
    await bumpDataGeneration(trx);
  });
}

/**
 * The matches between some topics `t` and some papers `p`, as a list of CTEs that ends in `found`.
 *
 * A definition's alternatives (`a OR "b c"`) are looked for one by one, and a paper's strength is the sum of the ranks
 * of those it meets. One ts_rank over the whole definition would also count words of phrases that the paper does not
 * contain, and divide by their number: on 6,524 labelled papers its first ten were right in 73 % and these in 79 %.
 * Equal stems ("VLM", "VLMs") count once. Words to leave out take part in the matching and not in the rank, which they
 * would turn to nothing.
 */
function found(topics: RawBuilder<unknown>, papers: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    alternatives as materialized (
      select distinct on (t.id, query) t.id as topic_id, t.slug is not null as is_curated,
        websearch_to_tsquery('english', alternative) as query,
        websearch_to_tsquery('english', regexp_replace(alternative, ${negative}, ' ', 'g')) as positive
      from topics t cross join lateral regexp_split_to_table(t.definition, ${orOutsideQuotes}) as alternative
        cross join lateral (select websearch_to_tsquery('english', alternative) as query) parsed
      where t.kind = 'phrase' and ${topics} and numnode(query) > 0),
    met as (
      select topic_id, p.id as paper_id, is_curated,
        sum(ts_rank('{0.1, 0.4, 0.4, 1.0}', p.search, positive, 1)) as strength,
        bool_or(ts_filter(p.search, '{a}') @@ query) as in_title
      from alternatives a join papers p on p.search @@ a.query
      where ${papers}
      group by topic_id, p.id, is_curated),
    found as materialized (
      select topic_id, paper_id, (1 - exp(-${saturation} * strength))::real as relevance, in_title
      from met where not is_curated or strength >= ${curatedStrengthMin})`;
}

/** ` or ` with an even number of quotes behind it: one that joins alternatives and is no word of a phrase. */
const orOutsideQuotes = ' or (?=(?:[^"]*"[^"]*")*[^"]*$)';
const negative = '(?:^|\\s)-(?:"[^"]*"?|\\S+)';

/**
 * A phrase once in an abstract has a strength of about 0.065, in a title 0.16, a paper all about it 0.5 and more.
 * Relevance is that on a scale from 0 to 1, so that topics with few and with many phrases compare.
 */
const saturation = sql.lit(4);

/**
 * Curated topics list dozens of words; meeting one of them once in passing is not enough. (Of labelled papers, 29 %
 * below this belonged to the topic, 40 % just above it and 82 % at the top.) What readers typed is taken at its word.
 */
const curatedStrengthMin = sql.lit(0.05);
