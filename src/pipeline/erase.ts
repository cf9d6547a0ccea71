/** Erases what we hold of one subscriber, in one transaction: a crash in the middle leaves everything as it was. */
import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { forgetLift } from '../db/lifts.ts';
import { eraseFromMailbox } from '../db/mailbox-bodies.ts';
import type { Database } from '../db/schema.ts';
import { findByAddress } from '../db/subscribers.ts';
import { suppress } from '../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';

/**
 * Erases an address for good: what stays is the keyed hash that keeps it from coming back, and ledgers that count
 * without naming. False when it is not known. Throws while a digest of theirs is being handed over.
 */
export async function eraseSubscriber(
  ctx: Context,
  given: string,
  origin: 'operator' | 'reader' = 'operator',
): Promise<boolean> {
  const address = normaliseAddress(given);
  const subscriber = address && (await findByAddress(ctx.db, address));
  if (!address || !subscriber) return false;
  const hash = addressHash(ctx.config.suppressionKey, address);
  await ctx.db.transaction().execute(async (trx) => {
    await refuseWhileInFlight(trx, subscriber.id);
    await suppress(trx, { addressHash: hash, reason: 'erased', origin });
    // One that bounced before keeps its hash, not the words of the bounce: these often quote the address.
    await trx
      .updateTable('suppressions')
      .set({ reason: 'erased', detail: null })
      .where('address_hash', '=', hash)
      .execute();
    await blankWords(trx, subscriber.id, address);
    if (subscriber.pendingAddress) await blankWords(trx, subscriber.id, subscriber.pendingAddress);
    for (const table of ['follows', 'tastes', 'notices', 'returns'] as const) {
      await trx.deleteFrom(table).where('subscriber_id', '=', subscriber.id).execute();
    }
    await forgetLift(trx, address);
    await sql`update digests set address = null, composition = null, packed = null, paper_ids = '{}', bounce_class = null,
        bounce_detail = null
      where subscriber_id = ${subscriber.id}`.execute(trx);
    await trx
      .updateTable('subscribers')
      .set({
        address: null,
        status: 'erased',
        wanted_topics: [],
        wanted_papers: [],
        consent: null,
        snoozed_until: null,
        pending_address: null,
      })
      .where('id', '=', subscriber.id)
      .execute();
  });
  return true;
}

/** A frozen batch must be replayed with the same bytes until its answer is known, so its rows must stay that long. */
async function refuseWhileInFlight(trx: Transaction<Database>, subscriberId: number): Promise<void> {
  const { rows } = await sql`
    select 1 from digests d join batches b on coalesce(b.origin_id, b.id) = d.batch_id and d.position = any(b.positions)
    where d.subscriber_id = ${subscriberId} and b.state = 'frozen'
    union all select 1 from notices where subscriber_id = ${subscriberId} and state = 'frozen' limit 1`.execute(
    trx,
  );
  if (rows.length > 0) {
    throw new Error('A mail to this address is just being handed over; try again in a minute.');
  }
}

/** What others wrote about this reader: events of the provider, its reasons, the mails that the mailbox keeps. */
async function blankWords(trx: Transaction<Database>, subscriberId: number, address: string): Promise<void> {
  const named = namedBy(address);
  await sql`
    update webhook_events e set body = '{}' where lower(e.body) ~ ${named}
      or position(${`"d-${subscriberId}-`} in e.body) > 0
      or exists (select 1 from notices n where n.subscriber_id = ${subscriberId}
        and position('"n-' || n.id || '"' in e.body) > 0)`.execute(trx);
  await sql`
    update batches b set reason = case when lower(reason) ~ ${named} then 'erased' else reason end,
      refused = (select jsonb_object_agg(key, case when lower(value) ~ ${named} then 'erased' else value end)
        from jsonb_each_text(refused))
    where lower(concat_ws(' ', reason, refused::text)) ~ ${named}`.execute(trx);
  await sql`delete from mailbox_suppressions where email = ${address.toLowerCase()}`.execute(trx);
  await eraseFromMailbox(trx, named);
}

/** A pattern for the address itself, and not for the end of a longer one: erasing ada@ must leave lada@ alone. */
function namedBy(address: string): string {
  return `(?<![a-z0-9._+-])${address.replaceAll(/[^a-z0-9]/g, '\\$&')}(?![a-z0-9-]|[.][a-z0-9])`;
}
