/** What readers say of papers and topics, and take back. Each is one statement or transaction. */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { readReader } from '../db/readers.ts';
import type { TokenClaims } from '../domain/tokens.ts';
import { findClaimed } from './claimed.ts';

/** What taste has come to. */
export interface Taste {
  papers: { key: string; title: string; says: 'more' | 'less' }[];
  /** The topics whose weight it moved, and to what; 1 is usual. */
  topics: { name: string; weight: number }[];
}

export interface PaperTopic {
  id: number;
  name: string;
  mode: 'follow' | 'more' | 'mute' | null;
}

/** Remembers "more like this" or "less" about a paper, or takes it back. False when there is no such paper. */
export async function saveTaste(
  ctx: Context,
  claims: TokenClaims,
  paperKey: string,
  says: 'more' | 'less' | 'none',
): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  const paper = await ctx.db.selectFrom('papers').select('id').where('key', '=', paperKey).executeTakeFirst();
  if (!subscriber || !paper) return false;
  const row = { subscriber_id: subscriber.id, paper_id: paper.id };
  if (says === 'none') {
    await ctx.db
      .deleteFrom('tastes')
      .where('subscriber_id', '=', row.subscriber_id)
      .where('paper_id', '=', row.paper_id)
      .execute();
    return true;
  }
  await ctx.db
    .insertInto('tastes')
    .values({ ...row, says })
    .onConflict((conflict) => conflict.columns(['subscriber_id', 'paper_id']).doUpdateSet({ says }))
    .execute();
  return true;
}

/** Forgets everything a reader said of papers. */
export async function resetTaste(ctx: Context, claims: TokenClaims): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber) return false;
  await ctx.db.deleteFrom('tastes').where('subscriber_id', '=', subscriber.id).execute();
  return true;
}

/** The papers judged, newest first, and the topics whose weight that moved: curated ones and those the reader follows. */
export async function readTaste(ctx: Context, subscriberId: number): Promise<Taste> {
  const { rows: papers } = await sql<Taste['papers'][number]>`
    select p.key, p.title, t.says from tastes t join papers p on p.id = t.paper_id
    where t.subscriber_id = ${subscriberId} order by t.created_at desc, p.id`.execute(ctx.db);
  if (papers.length === 0) return { papers, topics: [] };
  const reader = await readReader(ctx.db, subscriberId);
  const moved = [...(reader?.taste ?? [])].filter(([, weight]) => weight !== 1);
  const { rows: names } = await sql<{ id: number; name: string }>`
    select id, name from topics t where id = any(${moved.map(([id]) => id)}::int[]) and (slug is not null
      or exists (select 1 from follows f where f.topic_id = t.id and f.subscriber_id = ${subscriberId}))
    order by name`.execute(ctx.db);
  const weights = new Map(moved);
  return { papers, topics: names.map(({ id, name }) => ({ name, weight: weights.get(id)! })) };
}

const topicsShownMax = 30;

/** The topics a paper belongs to that a reader may mute: curated ones, and their own. */
export async function readPaperTopics(
  ctx: Context,
  subscriberId: number,
  paperKey: string,
): Promise<PaperTopic[]> {
  const { rows } = await sql<PaperTopic>`
    select t.id, t.name, f.mode from papers p join matches m on m.paper_id = p.id
    join topics t on t.id = m.topic_id
    left join follows f on f.topic_id = t.id and f.subscriber_id = ${subscriberId}
    where p.key = ${paperKey} and (t.slug is not null or f.mode is not null)
    order by f.mode is null, m.relevance desc, t.name limit ${topicsShownMax}`.execute(ctx.db);
  return rows;
}

/**
 * Mutes a topic that a paper belongs to, or gives it back the mode it had. False for a topic that is none of the paper's.
 */
export async function saveMute(
  ctx: Context,
  claims: TokenClaims,
  paperKey: string,
  change: { topicId: number; mode: PaperTopic['mode'] },
): Promise<PaperTopic | undefined> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber) return undefined;
  const topics = await readPaperTopics(ctx, subscriber.id, paperKey);
  const topic = topics.find(({ id }) => id === change.topicId);
  if (!topic) return undefined;
  const row = { subscriber_id: subscriber.id, topic_id: topic.id };
  if (change.mode === null) {
    await ctx.db
      .deleteFrom('follows')
      .where('subscriber_id', '=', row.subscriber_id)
      .where('topic_id', '=', row.topic_id)
      .execute();
  } else {
    const { mode } = change;
    await ctx.db
      .insertInto('follows')
      .values({ ...row, mode })
      .onConflict((conflict) => conflict.columns(['subscriber_id', 'topic_id']).doUpdateSet({ mode }))
      .execute();
  }
  return topic;
}
