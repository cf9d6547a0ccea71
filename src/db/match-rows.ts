import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** A paper that meets a topic. `phrase` is what it meets it by; null where it is only alike to the topic's papers. */
export interface FoundMatch {
  topicId: number;
  paperId: number;
  relevance: number;
  inTitle: boolean;
  phrase: string | null;
}

/** Writes what topics match among some papers, in place of what they matched there before. The same again changes nothing. */
export async function replaceMatches(
  trx: Transaction<Database>,
  topicIds: readonly number[],
  paperIds: readonly number[],
  found: readonly FoundMatch[],
): Promise<void> {
  await sql`
    with found as (
      select * from unnest(${found.map((row) => row.topicId)}::int[], ${found.map((row) => row.paperId)}::int[],
        ${found.map((row) => row.relevance)}::real[], ${found.map((row) => row.inTitle)}::boolean[],
        ${found.map((row) => row.phrase)}::text[]) as f(topic_id, paper_id, relevance, in_title, phrase)),
    gone as (
      delete from matches m where m.paper_id = any(${[...paperIds]}::int[]) and m.topic_id = any(${[...topicIds]}::int[])
        and not exists (select 1 from found where found.topic_id = m.topic_id and found.paper_id = m.paper_id))
    insert into matches as m (topic_id, paper_id, relevance, in_title, phrase)
    select topic_id, paper_id, relevance, in_title, phrase from found
    on conflict (topic_id, paper_id) do update
      set relevance = excluded.relevance, in_title = excluded.in_title, phrase = excluded.phrase
      where (m.relevance, m.in_title, m.phrase) is distinct from
        (excluded.relevance, excluded.in_title, excluded.phrase)
  `.execute(trx);
}
