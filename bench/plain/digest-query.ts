import { type Kysely, sql } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { addDays } from '../../src/domain/cadence.ts';

/** A subscriber with the papers of their next digest: all that a mail needs, in one query. */
export interface PlainDigest {
  subscriberId: number;
  address: string;
  timeZone: string;
  sendHour: number;
  topics: string[];
  papers: PlainPaper[];
}

export interface PlainPaper {
  id: number;
  key: string;
  title: string;
  abstract: string;
  authors: string[];
  authors_count: number;
  organization: string | null;
  published_at: string | null;
  votes: number;
  comments: number;
  url: string;
  pdf_url: string | null;
  topic: string;
  in_title: boolean;
}

/** What the plain ways remember of what they sent. */
export async function createPlainTable(db: Kysely<Database>): Promise<void> {
  await sql`create table if not exists plain_digests (
    subscriber_id integer not null, date date not null, paper_ids integer[] not null, email_id text,
    primary key (subscriber_id, date))`.execute(db);
}

/**
 * The query a developer would write: the best papers of the reader's topics that they never got, by relevance, votes and
 * age. It knows no twins, no authors and no spread over topics, which our selection does.
 */
export async function readPlainDigest(
  db: Kysely<Database>,
  subscriberId: number,
  date: string,
): Promise<PlainDigest | undefined> {
  const { rows } = await sql<PlainDigest>`
    select s.id "subscriberId", s.address, l.time_zone "timeZone", l.send_hour "sendHour",
      (select array_agg(t.name order by t.name) from follows f join topics t on t.id = f.topic_id
        where f.subscriber_id = s.id) topics,
      (select coalesce(json_agg(best order by best.score desc), '[]') from (
        select p.id, p.key, p.title, p.abstract, p.authors, p.authors_count, p.organization, p.published_at, p.votes,
          p.comments, p.url, p.pdf_url, m.topic, m.in_title, m.score
        from (
          select distinct on (m.paper_id) m.paper_id, t.name topic, m.in_title, m.relevance
              * (1 + 0.65 * ln(1 + p.votes / (4.0::float8 + 4 * least(greatest(${date}::date - p.first_listed_on - 1, 0), 5))))
              * power(0.94::float8, greatest(${date}::date - p.first_listed_on - 1, 0)) score
          from follows f join topics t on t.id = f.topic_id join matches m on m.topic_id = f.topic_id
            join papers p on p.id = m.paper_id
          where f.subscriber_id = s.id and p.first_listed_on >= ${addDays(date, -14)} and p.withdrawn_at is null
            and not exists (select 1 from plain_digests d where d.subscriber_id = s.id and m.paper_id = any(d.paper_ids))
          order by m.paper_id, score desc
        ) m join papers p on p.id = m.paper_id
        order by m.score desc limit s.max_papers
      ) best) papers
    from subscribers s join slots l on l.id = s.slot_id
    where s.id = ${subscriberId} and s.status = 'active'
  `.execute(db);
  return rows[0];
}

/** Lets the plain ways begin again with the same date. */
export async function forgetPlainDigests(db: Kysely<Database>): Promise<void> {
  await sql`truncate plain_digests`.execute(db);
}

export async function recordPlainDigests(
  db: Kysely<Database>,
  date: string,
  sent: readonly { digest: PlainDigest; emailId: string }[],
): Promise<void> {
  for (const { digest, emailId } of sent) {
    await sql`insert into plain_digests (subscriber_id, date, paper_ids, email_id)
      values (${digest.subscriberId}, ${date}, ${digest.papers.map(({ id }) => id)}::int[], ${emailId})`.execute(
      db,
    );
  }
}
