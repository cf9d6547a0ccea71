import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** A topic with how much it brings and to how many. */
export interface TopicLine {
  id: number;
  slug: string | null;
  name: string;
  retiredAt: Date | null;
  followers: number;
  /** Papers listed in the last days that it matched, of which so many in the title. */
  papers: number;
  inTitle: number;
}

export interface TopicMatch {
  key: string;
  title: string;
  listedOn: string;
  relevance: number;
  inTitle: boolean;
  phrase: string | null;
}

export interface WholeTopic {
  id: number;
  slug: string | null;
  name: string;
  kind: string;
  definition: string;
  description: string;
  retiredAt: Date | null;
  /** Since when it is an operator's word and no more the data file's. */
  operatedAt: Date | null;
  mergedInto: { id: number; name: string } | null;
}

/** What readers are shown; a topic's preview counts the same papers. */
const isShown = sql`p.withdrawn_at is null and p.hidden_at is null`;

/** The topics of most readers first, then those that match most. Counts matches of papers first listed from a day on. */
export async function listTopicLines(
  db: Kysely<Database>,
  since: string,
  limit: number,
): Promise<TopicLine[]> {
  const { rows } = await sql<TopicLine>`
    with recent as (select id from papers p where first_listed_on >= ${since} and ${isShown}),
    matched as (select topic_id, count(*)::int papers, count(*) filter (where in_title)::int "inTitle"
      from matches where paper_id in (select id from recent) group by topic_id),
    followed as (select topic_id, count(*)::int followers from follows where mode <> 'mute' group by topic_id)
    select t.id, t.slug, t.name, t.retired_at "retiredAt", coalesce(followers, 0) followers,
      coalesce(papers, 0) papers, coalesce("inTitle", 0) "inTitle"
    from topics t left join matched on matched.topic_id = t.id left join followed on followed.topic_id = t.id
    order by followers desc, papers desc, t.name limit ${limit}
  `.execute(db);
  return rows;
}

export async function readWholeTopic(db: Kysely<Database>, id: number): Promise<WholeTopic | undefined> {
  const { rows } = await sql<WholeTopic>`
    select t.id, t.slug, t.name, t.kind, t.definition, t.description, t.retired_at "retiredAt",
      t.operated_at "operatedAt", case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end "mergedInto"
    from topics t left join topics o on o.id = t.merged_into where t.id = ${id}`.execute(db);
  return rows[0];
}

/** What a topic matched of late, the newest day and the strongest match first. */
export async function listTopicMatches(
  db: Kysely<Database>,
  topicId: number,
  since: string,
  limit: number,
): Promise<TopicMatch[]> {
  const { rows } = await sql<TopicMatch>`
    select p.key, p.title, p.first_listed_on "listedOn", m.relevance::float8 relevance, m.in_title "inTitle", m.phrase
    from matches m join papers p on p.id = m.paper_id
    where m.topic_id = ${topicId} and p.first_listed_on >= ${since} and ${isShown}
    order by p.first_listed_on desc, m.relevance desc, p.id limit ${limit}
  `.execute(db);
  return rows;
}
