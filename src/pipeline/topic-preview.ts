import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { matchDefinitions } from '../db/matches.ts';
import { addDays, utcDate } from '../domain/cadence.ts';

export interface PreviewedMatch {
  key: string;
  title: string;
  listedOn: string;
  relevance: number;
  phrase: string | null;
  /** Beside what the topic matches now. */
  change: 'new' | 'same' | 'gone';
}

export interface TopicPreview {
  days: number;
  /** Papers of those days, whatever they match. */
  papers: number;
  matches: number;
  fresh: number;
  gone: number;
  /** The newest day first; what changes before what stays. */
  shown: PreviewedMatch[];
}

export const previewDays = 14;
const shownMax = 40;

/** What a definition would have matched among the lists of the last days, beside what the topic matched. Stores nothing. */
export async function previewTopic(
  ctx: Context,
  definition: string,
  topicId: number | undefined,
): Promise<TopicPreview> {
  const since = addDays(utcDate(ctx.now()), -previewDays);
  const { rows } = await sql<{
    id: number;
    key: string;
    title: string;
    listedOn: string;
    isMatched: boolean;
  }>`
    select p.id, p.key, p.title, p.first_listed_on "listedOn", m.topic_id is not null "isMatched"
    from papers p left join matches m on m.paper_id = p.id and m.topic_id = ${topicId ?? 0}
    where p.first_listed_on >= ${since} and p.withdrawn_at is null and p.hidden_at is null
    order by p.first_listed_on desc, p.id
  `.execute(ctx.db);
  const found = await matchDefinitions(
    ctx.db,
    [{ kind: 'phrase', definition, isCurated: true }],
    rows.map(({ id }) => id),
  );
  const matches = new Map(found.map((match) => [match.paperId, match]));
  const all = rows.flatMap(({ id, isMatched, ...paper }): PreviewedMatch[] => {
    const match = matches.get(id);
    if (!match && !isMatched) return [];
    const change = match ? (isMatched ? 'same' : 'new') : 'gone';
    return [{ ...paper, change, relevance: match?.relevance ?? 0, phrase: match?.phrase ?? null }];
  });
  const countOf = (change: PreviewedMatch['change']) => all.filter((one) => one.change === change).length;
  return {
    days: previewDays,
    papers: rows.length,
    matches: matches.size,
    fresh: countOf('new'),
    gone: countOf('gone'),
    shown: all
      .toSorted((a, b) => Number(a.change === 'same') - Number(b.change === 'same'))
      .slice(0, shownMax),
  };
}
