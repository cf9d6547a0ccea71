import { sql, type Transaction } from 'kysely';
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
}

/** A digest as its receipt or tag names it, with the address that was mailed. */
export interface MailedDigestName {
  subscriberId: number;
  localDate: string;
  address: string;
}

/** Finds the digests behind tags; what is not there stays out of the answer. Exact keys: one index look-up each. */
export async function findMailed(
  trx: Transaction<Database>,
  names: readonly { subscriberId: number; localDate: string }[],
): Promise<Map<string, MailedDigestName>> {
  const { rows } = await sql<MailedDigestName>`
    select d.subscriber_id "subscriberId", d.local_date "localDate", d.address
    from unnest(${names.map((name) => name.subscriberId)}::int[], ${names.map((name) => name.localDate)}::date[]) n(s, date)
    join digests d on d.subscriber_id = n.s and d.local_date = n.date where d.address is not null
  `.execute(trx);
  return new Map(rows.map((row) => [`${row.subscriberId} ${row.localDate}`, row]));
}

/** Finds the digest behind a provider's id, for mails whose tags did not come back. */
export async function findByReceipt(
  trx: Transaction<Database>,
  emailId: string,
): Promise<MailedDigestName | undefined> {
  const { rows } = await sql<MailedDigestName>`
    select d.subscriber_id "subscriberId", d.local_date "localDate", d.address
    from batches b join digests d on d.local_date = b.edition_date and d.batch_id = coalesce(b.origin_id, b.id)
      and d.subscriber_id between b.from_id and b.to_id
      and d.position = b.positions[array_position(b.receipt, ${emailId})]
    where b.receipt @> array[${emailId}] and b.settled_at > now() - interval '35 days'
  `.execute(trx);
  return rows[0];
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
    const some = outcomes.filter((outcome) => outcome.kind === kind);
    if (some.length === 0) continue;
    const column = sql.ref(`${kind}_at`);
    await sql`
      update digests d set ${column} = o.at
        ${kind === 'bounced' ? sql`, bounce_class = o.class` : sql``}
      from (select s, date, min(at) at, (array_agg(class order by at, class))[1] class
        from unnest(${some.map((outcome) => outcome.subscriberId)}::int[], ${some.map((outcome) => outcome.localDate)}::date[],
          ${some.map((outcome) => outcome.at)}::timestamptz[], ${some.map((outcome) => outcome.bounceClass)}::text[]) u(s, date, at, class)
        group by s, date) o
      where d.subscriber_id = o.s and d.local_date = o.date and (d.${column} is null or d.${column} > o.at
        or (d.${column} = o.at and o.class < d.bounce_class))
    `.execute(trx);
  }
}

/** The same for a notice, by its own tag. Gives the address that was mailed. */
export async function recordNoticeOutcome(
  trx: Transaction<Database>,
  noticeId: number,
  outcome: { kind: OutcomeKind; at: Date; bounceClass: BounceClass | null },
): Promise<{ address: string } | undefined> {
  const { rows } = await sql<{ address: string }>`
    update notices set
      delivered_at = case when ${outcome.kind} = 'delivered' then least(delivered_at, ${outcome.at}::timestamptz) else delivered_at end,
      bounced_at = case when ${outcome.kind} = 'bounced' then least(bounced_at, ${outcome.at}::timestamptz) else bounced_at end,
      bounce_class = case when ${outcome.kind} = 'bounced' and (bounced_at is null or bounced_at > ${outcome.at}::timestamptz
          or (bounced_at = ${outcome.at}::timestamptz and bounce_class > ${outcome.bounceClass}))
        then ${outcome.bounceClass} else bounce_class end,
      complained_at = case when ${outcome.kind} = 'complained' then least(complained_at, ${outcome.at}::timestamptz) else complained_at end
    where id = ${noticeId} returning address
  `.execute(trx);
  return rows[0];
}
