import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';
import type { NoticeKind } from './tables/notices.ts';

export interface NewNotice {
  subscriberId: number;
  kind: NoticeKind;
  cause: string;
  address: string;
  /** What a welcome brings. */
  first?: { localDate: string; madeAt: Date; paperIds: number[] } | undefined;
}

/** Inserts a notice once for its cause and gives its id; undefined when it is there already (RULES 15). */
export async function insertNotice(db: Kysely<Database>, notice: NewNotice): Promise<number | undefined> {
  const row = await db
    .insertInto('notices')
    .values({
      subscriber_id: notice.subscriberId,
      kind: notice.kind,
      cause: notice.cause,
      address: notice.address,
      ...(notice.first && {
        local_date: notice.first.localDate,
        made_at: notice.first.madeAt,
        paper_ids: notice.first.paperIds,
      }),
    })
    .onConflict((conflict) => conflict.columns(['subscriber_id', 'kind', 'cause']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** How many notices of a kind were made in the last hour: confirmations have a cap for the whole installation. */
export async function countRecentNotices(db: Kysely<Database>, kind: NoticeKind): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from notices where created_at > now() - interval '1 hour' and kind = ${kind}`.execute(
    db,
  );
  return rows[0]!.n;
}

/** How many notices of a kind a subscriber was made since a moment, in the last days. */
export async function countNoticesSince(
  db: Kysely<Database>,
  notice: { subscriberId: number; kind: NoticeKind; since: Date | null; days: number },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from notices where subscriber_id = ${notice.subscriberId} and kind = ${notice.kind}
      and created_at > now() - make_interval(days => ${notice.days})
      and (${notice.since}::timestamptz is null or created_at > ${notice.since})`.execute(db);
  return rows[0]!.n;
}

export interface DueNotice {
  noticeId: number;
  /** An announcement's: those that somebody waits for go first. */
  patient: boolean;
}

/**
 * Notices whose time has come: those that somebody waits for, then announcements, each oldest first. Announcements are
 * left out where the daily cap has no room for them.
 */
export async function listDueNotices(
  db: Kysely<Database>,
  limit: number,
  hasRoom: boolean,
): Promise<DueNotice[]> {
  const { rows } = await sql<DueNotice>`
    select n.id "noticeId", n.kind = 'announcement' patient from notices n
    where n.state in ('composed', 'frozen') and n.next_attempt_at <= now()
      and (${hasRoom} or n.kind <> 'announcement' or n.uncertain_at is not null)
    order by n.kind = 'announcement', n.id limit ${limit}
  `.execute(db);
  return rows;
}
