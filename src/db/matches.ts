import { type Kysely, sql } from 'kysely';

import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import type { Database } from './schema.ts';

/**
 * Matches papers that are new or changed with all live topics: one statement, never per subscriber.
 * Doing it twice changes nothing; a paper that no longer meets a topic loses its match.
 */
export async function matchPapers(db: Kysely<Database>, paperIds: readonly number[]): Promise<void> {
  if (paperIds.length === 0) return;
  await changeCatalogue(db, async (trx) => {
    // Each definition is parsed once, and each pair costs one look at the stored vector.
    await sql`
      with query as materialized (
        select id, websearch_to_tsquery('english', definition) as q from topics
        where kind = 'phrase' and retired_at is null),
      found as materialized (
        select query.id as topic_id, p.id as paper_id, ${relevance} as relevance, ${inTitle} as in_title
        from papers p join query on p.search @@ query.q
        where p.id = any(${[...paperIds]})),
      kept as (select * from found where relevance >= ${relevanceMin}),
      gone as (
        delete from matches m using topics t
        where m.paper_id = any(${[...paperIds]}) and t.id = m.topic_id and t.kind = 'phrase' and t.retired_at is null
          and not exists (select 1 from kept where kept.topic_id = m.topic_id and kept.paper_id = m.paper_id)
        returning 1)
      insert into matches as m (topic_id, paper_id, relevance, in_title)
      select topic_id, paper_id, relevance, in_title from kept
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
    // One topic a statement: the planner then goes by the index for it.
    for (const id of ids) {
      await sql`
        with query as materialized (
          select id, websearch_to_tsquery('english', definition) as q from topics where id = ${id}),
        found as (
          select query.id as topic_id, p.id as paper_id, ${relevance} as relevance, ${inTitle} as in_title
          from query join papers p on p.search @@ query.q)
        insert into matches (topic_id, paper_id, relevance, in_title)
        select topic_id, paper_id, relevance, in_title from found where relevance >= ${relevanceMin}
      `.execute(trx);
    }
    await sql`
      update topics set matched_through = coalesce((select max(id) from papers), 0)
      where id = any(${ids})
    `.execute(trx);
    await bumpDataGeneration(trx);
  });
}

/**
 * ts_rank with the length of the text divided out (1): on labelled days it beats ts_rank_cd. The weights are those of
 * D, C (abstract), B (keywords) and A (title).
 */
const relevance = sql<number>`ts_rank('{0.1, 0.2, 0.4, 1.0}', p.search, query.q, 1)`;
const inTitle = sql<boolean>`ts_filter(p.search, '{a}') @@ query.q`;

/** Below this, one broad word was mentioned in passing. */
const relevanceMin = 0;
