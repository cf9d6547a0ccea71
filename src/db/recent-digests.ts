import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** A digest that went out. */
export interface RecentDigest {
  localDate: string;
  paperIds: number[];
  madeAt: Date;
}

/** A subscriber's last digests with papers that were mailed, newest first; the first one came with the welcome. */
export async function readRecentDigests(
  db: Kysely<Database>,
  subscriberId: number,
  limit: number,
): Promise<RecentDigest[]> {
  const { rows } = await sql<RecentDigest>`
    select d.local_date "localDate", d.paper_ids "paperIds", b.first_attempt_at "madeAt"
    from digests d join batches b on coalesce(b.origin_id, b.id) = d.batch_id and d.position = any(b.positions)
    where d.subscriber_id = ${subscriberId} and d.address is not null and d.paper_ids <> '{}'
      and b.state in ('accepted', 'unknown') and b.first_attempt_at is not null
      and not coalesce(b.dropped ? d.position::text or b.refused ? d.position::text, false)
    union all
    select local_date, paper_ids, first_attempt_at from notices
    where subscriber_id = ${subscriberId} and local_date is not null and shell_id is not null
      and state in ('accepted', 'unknown')
    order by 1 desc limit ${limit}
  `.execute(db);
  return rows;
}

/** Whether a welcome of the last day brings, or has brought, the first digest. */
export async function hasFreshWelcome(db: Kysely<Database>, subscriberId: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from notices where subscriber_id = ${subscriberId} and local_date is not null
      and created_at > now() - interval '1 day' and state not in ('failed', 'dropped') limit 1`.execute(db);
  return rows.length > 0;
}
