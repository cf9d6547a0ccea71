import { type Kysely, sql } from 'kysely';
import type { BounceClass } from '../domain/bounce.ts';
import { isUuid } from './receipts.ts';
import type { Database } from './schema.ts';

/** A mail of ours that an event speaks of, with the address that was mailed; null once its reader is erased. */
export type Mailed = { bounceClass: BounceClass | null } & (
  | { kind: 'digest'; subscriberId: number; localDate: string; address: string | null }
  | { kind: 'notice'; noticeId: number; address: string }
);

/** How an event may name a mail: by what we tagged it with, or by the transport's own id of it. */
export interface MailName {
  digest?: { subscriberId: number; localDate: string } | undefined;
  noticeId?: number | undefined;
  emailId?: string | undefined;
}

type MailedDigest = Extract<Mailed, { kind: 'digest' }>;
type MailedNotice = Extract<Mailed, { kind: 'notice' }>;

/** Receipts older than this are not looked through. */
const receiptDaysMax = 35;

/**
 * Finds the mails behind names, in their order; undefined for those that are not known, or not yet.
 */
export async function findMailed(
  db: Kysely<Database>,
  names: readonly MailName[],
): Promise<(Mailed | undefined)[]> {
  const byTag = await findByTags(
    db,
    names.flatMap(({ digest }) => digest ?? []),
  );
  const byNumber = await findNotices(
    db,
    names.flatMap(({ noticeId }) => noticeId ?? []),
  );
  const tagged = names.map(({ digest, noticeId }) =>
    digest ? byTag.get(nameOf(digest)) : noticeId === undefined ? undefined : byNumber.get(noticeId),
  );
  const ids = names.flatMap(({ emailId }, place) => (tagged[place] ? [] : (emailId ?? [])));
  if (ids.length === 0) return tagged;
  const byReceipt = await findByReceipts(db, ids);
  return names.map(({ emailId }, place) => tagged[place] ?? byReceipt.get(emailId ?? ''));
}

/** Exact keys: one index look-up each. */
async function findByTags(
  db: Kysely<Database>,
  names: readonly { subscriberId: number; localDate: string }[],
): Promise<Map<string, MailedDigest>> {
  if (names.length === 0) return new Map();
  const { rows } = await sql<Omit<MailedDigest, 'kind'>>`
    select d.subscriber_id "subscriberId", d.local_date "localDate", d.address, d.bounce_class "bounceClass"
    from digests d join unnest(${names.map((name) => name.subscriberId)}::int[],
      ${names.map((name) => name.localDate)}::date[]) n(s, date) on d.subscriber_id = n.s and d.local_date = n.date
    where d.batch_id is not null
  `.execute(db);
  return new Map(rows.map((row) => [nameOf(row), { kind: 'digest', ...row }]));
}

async function findNotices(db: Kysely<Database>, ids: readonly number[]): Promise<Map<number, MailedNotice>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Omit<MailedNotice, 'kind'>>`
    select id "noticeId", address, bounce_class "bounceClass" from notices where id = any(${ids}::int[])
  `.execute(db);
  return new Map(rows.map((row) => [row.noticeId, { kind: 'notice', ...row }]));
}

/** Mails whose tags did not come back: by the ids on the receipts. Message-IDs, those of SMTP, have an index. */
async function findByReceipts(db: Kysely<Database>, ids: readonly string[]): Promise<Map<string, Mailed>> {
  const { rows } = await sql<Omit<MailedDigest, 'kind'> & { emailId: string }>`
    with found as materialized (
      select * from batches where receipt[1] like '<%' and receipt[1] = any(${ids}::text[])
      union
      select * from batches where settled_at > now() - make_interval(days => ${receiptDaysMax})
        and (receipt && ${ids.filter((id) => !id.startsWith('<'))}::text[] or receipt_uuids && ${ids.filter(isUuid)}::uuid[])
    )
    select i.id "emailId", d.subscriber_id "subscriberId", d.local_date "localDate", d.address,
      d.bounce_class "bounceClass"
    from found b cross join lateral unnest(coalesce(b.receipt, b.receipt_uuids::text[]), b.positions) i(id, position)
    join digests d on d.local_date = b.edition_date and d.batch_id = coalesce(b.origin_id, b.id)
      and d.subscriber_id between b.from_id and b.to_id and d.position = i.position
    where i.id = any(${ids}::text[])
  `.execute(db);
  const { rows: notices } = await sql<Omit<MailedNotice, 'kind'> & { emailId: string }>`
    select receipt "emailId", id "noticeId", address, bounce_class "bounceClass" from notices where receipt = any(${ids}::text[])`.execute(
    db,
  );
  return new Map<string, Mailed>([
    ...rows.map(({ emailId, ...row }) => [emailId, { kind: 'digest' as const, ...row }] as const),
    ...notices.map(({ emailId, ...row }) => [emailId, { kind: 'notice' as const, ...row }] as const),
  ]);
}

export function nameOf({ subscriberId, localDate }: { subscriberId: number; localDate: string }): string {
  return `${subscriberId} ${localDate}`;
}
