import { type Kysely, sql, type Transaction } from 'kysely';
import type { BounceClass } from '../domain/bounce.ts';
import type { Database } from './schema.ts';

export type OutcomeKind = 'delivered' | 'bounced' | 'complained' | 'failed';

/** What the world said of one digest. */
export interface DigestOutcome {
  subscriberId: number;
  localDate: string;
  kind: OutcomeKind;
  at: Date;
  bounceClass: BounceClass | null;
  /** The receiving server's words on a bounce. */
  detail: string | null;
}

/**
 * Sets each outcome's timestamp once, the earliest event's, whatever order they come in. Of two bounces at one moment the
 * class that comes first in the alphabet stays, only so that it is always the same one.
 */
export async function recordOutcomes(
  trx: Transaction<Database>,
  outcomes: readonly DigestOutcome[],
): Promise<void> {
  for (const kind of ['delivered', 'bounced', 'complained', 'failed'] as const) {
    const some = firstOfEach(outcomes.filter((outcome) => outcome.kind === kind));
    if (some.length === 0) continue;
    const column = sql.ref(`${kind}_at`);
    await sql`
      update digests d set ${column} = o.at
        ${kind === 'bounced' ? sql`, bounce_class = o.class, bounce_detail = o.detail` : sql``}
      from unnest(${some.map((outcome) => outcome.subscriberId)}::int[], ${some.map((outcome) => outcome.localDate)}::date[],
        ${some.map((outcome) => outcome.at)}::timestamptz[], ${some.map((outcome) => outcome.bounceClass)}::text[],
        ${some.map((outcome) => outcome.detail)}::text[]) o(s, date, at, class, detail)
      where d.subscriber_id = o.s and d.local_date = o.date and (d.${column} is null or d.${column} > o.at
        or (d.${column} = o.at and (o.class, coalesce(o.detail, '') collate "C")
          < (d.bounce_class, coalesce(d.bounce_detail, '') collate "C")))
    `.execute(trx);
  }
}

/**
 * Finds digests that nobody reported as delivered yet, or only later, and records that, in one look-up each: nearly every
 * event is one of these. Gives those it found, with the address that was mailed; the others are for the long way.
 */
export async function recordDelivered(
  trx: Transaction<Database>,
  delivered: readonly Delivered[],
): Promise<{ subscriberId: number; localDate: string; address: string }[]> {
  if (delivered.length === 0) return [];
  const some = firstOfEach(delivered.map((one) => ({ ...one, bounceClass: null, detail: null })));
  const { rows } = await sql<{ subscriberId: number; localDate: string; address: string }>`
    update digests d set delivered_at = o.at
    from unnest(${some.map((one) => one.subscriberId)}::int[], ${some.map((one) => one.localDate)}::date[],
      ${some.map((one) => one.at)}::timestamptz[]) o(s, date, at)
    where d.subscriber_id = o.s and d.local_date = o.date and d.batch_id is not null and d.address is not null
      and (d.delivered_at is null or d.delivered_at > o.at)
    returning d.subscriber_id "subscriberId", d.local_date "localDate", d.address`.execute(trx);
  return rows;
}

type Delivered = Pick<DigestOutcome, 'subscriberId' | 'localDate' | 'at'>;

/** The earliest outcome of each digest, in the order of their rows. */
function firstOfEach<One extends Omit<DigestOutcome, 'kind'>>(outcomes: readonly One[]): One[] {
  const byRow = outcomes.toSorted(
    (a, b) =>
      a.subscriberId - b.subscriberId ||
      compare(a.localDate, b.localDate) ||
      a.at.getTime() - b.at.getTime() ||
      compare(a.bounceClass ?? '', b.bounceClass ?? '') ||
      // As Postgres compares bytes, so that it makes no difference which of the two decides.
      Buffer.compare(Buffer.from(a.detail ?? ''), Buffer.from(b.detail ?? '')),
  );
  return byRow.filter(({ subscriberId, localDate }, place) => {
    const before = byRow[place - 1];
    return before?.subscriberId !== subscriberId || before.localDate !== localDate;
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same for a notice. */
export async function recordNoticeOutcome(
  trx: Transaction<Database>,
  noticeId: number,
  outcome: Omit<DigestOutcome, 'subscriberId' | 'localDate'>,
): Promise<void> {
  const { at, bounceClass, detail } = outcome;
  const isFirstBounce = sql<boolean>`${outcome.kind} = 'bounced' and (bounced_at is null or bounced_at > ${at}::timestamptz
    or (bounced_at = ${at}::timestamptz and (bounce_class, coalesce(bounce_detail, '') collate "C")
      > (${bounceClass}::text, coalesce(${detail}::text, '') collate "C")))`;
  await sql`
    update notices set
      delivered_at = case when ${outcome.kind} = 'delivered' then least(delivered_at, ${outcome.at}::timestamptz) else delivered_at end,
      bounced_at = case when ${outcome.kind} = 'bounced' then least(bounced_at, ${outcome.at}::timestamptz) else bounced_at end,
      bounce_class = case when ${isFirstBounce} then ${bounceClass} else bounce_class end,
      bounce_detail = case when ${isFirstBounce} then ${detail} else bounce_detail end,
      complained_at = case when ${outcome.kind} = 'complained' then least(complained_at, ${outcome.at}::timestamptz) else complained_at end
    where id = ${noticeId}
  `.execute(trx);
}

/**
 * Notes on batches without a written answer that a member was heard of: they were accepted (RULES 12). Few batches are
 * ever without one, so they are looked at first.
 */
export async function proveBatches(
  trx: Transaction<Database>,
  digests: readonly { subscriberId: number; localDate: string }[],
): Promise<void> {
  const { rows } = await sql<{ date: string }>`
    select distinct edition_date date from batches where ${isOpen}`.execute(trx);
  const open = new Set(rows.map(({ date }) => date));
  const some = digests.filter(({ localDate }) => open.has(localDate));
  if (some.length === 0) return;
  await sql`
    with open as materialized (
      select id, coalesce(origin_id, id) origin, positions, edition_date from batches
      where ${isOpen} and edition_date = any(${[...new Set(some.map(({ localDate }) => localDate))]}::date[])
    ), proved as (
      select o.id from unnest(${some.map(({ subscriberId }) => subscriberId)}::int[],
          ${some.map(({ localDate }) => localDate)}::date[]) n(s, date)
        join open o on o.edition_date = n.date
        join digests d on d.subscriber_id = n.s and d.local_date = n.date and d.batch_id = o.origin
          and d.position = any(o.positions)
    )
    update batches b set proved_at = now() from proved where b.id = proved.id
  `.execute(trx);
}

/** Attempted, and without an answer. */
const isOpen = sql<boolean>`state in ('frozen', 'unknown') and proved_at is null and first_attempt_at is not null`;

/** Digests of an address that bounced softly and were never delivered, oldest first, and the last delivery there. */
export interface SoftRecord {
  subscriberId: number;
  address: string;
  softAt: Date[];
  deliveredAt: Date | null;
}

/** How each of these addresses fared lately, from the digests themselves, so that the order of events cannot matter. */
export async function readSoftRecords(
  db: Kysely<Database>,
  mailed: readonly { subscriberId: number; address: string }[],
): Promise<SoftRecord[]> {
  if (mailed.length === 0) return [];
  const { rows } = await sql<SoftRecord>`
    select n.s "subscriberId", n.address, max(d.delivered_at) "deliveredAt",
      coalesce(array_agg(d.bounced_at order by d.bounced_at)
        filter (where d.bounce_class = 'soft' and d.delivered_at is null), '{}') "softAt"
    from (select distinct s, address from unnest(${mailed.map(({ subscriberId }) => subscriberId)}::int[],
      ${mailed.map(({ address }) => address)}::text[]) n(s, address)) n
    join digests d on d.subscriber_id = n.s and d.address = n.address
      and d.local_date > current_date - ${softDaysLooked}::int
    group by n.s, n.address
  `.execute(db);
  return rows;
}

/** Far enough back for five weekly digests in a row. */
const softDaysLooked = 60;
