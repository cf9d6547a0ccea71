import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { type DigestOutcome, readSoftRecords } from '../db/outcomes.ts';
import type { Database } from '../db/schema.ts';
import { liftSoftSuppressions, suppressAll } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { isWornOut } from '../domain/bounce.ts';

/**
 * Suppresses the addresses whose digests bounced softly five times in a row over at least a week, and lifts that again
 * where a delivery comes to light (RULES 17). Read anew from the digests each time, so that events may come in any order.
 * Only digests count: notices are too few to show that a mailbox has been full for a week.
 */
export async function judgeSoftBounces(
  ctx: Context,
  trx: Transaction<Database>,
  outcomes: readonly (DigestOutcome & { address: string })[],
): Promise<void> {
  const bounced = outcomes.filter(({ kind }) => kind === 'bounced');
  for (const record of await readSoftRecords(trx, bounced)) {
    const hash = addressHash(ctx.config.suppressionKey, record.address);
    if (isWornOut(record.softAt, record.deliveredAt)) {
      const detail = `${record.softAt.length} soft bounces since the last delivery`;
      await suppressAll(trx, [{ addressHash: hash, reason: 'soft_bounces', origin: 'webhook', detail }]);
      ctx.log.info({ reason: 'soft_bounces' }, 'suppressed');
    } else {
      await liftSoftSuppressions(trx, [hash]);
    }
  }
  const delivered = outcomes.filter(({ kind }) => kind === 'delivered');
  if (delivered.length > 0) await lookAgain(ctx, trx, delivered);
}

/** Deliveries to addresses that count as worn out: few, and found by their hashes. */
async function lookAgain(
  ctx: Context,
  trx: Transaction<Database>,
  delivered: readonly (DigestOutcome & { address: string })[],
): Promise<void> {
  const { suppressionKey } = ctx.config;
  const hashes = new Map(
    delivered.map((one) => [addressHash(suppressionKey, one.address).toString('hex'), one]),
  );
  const rows = await trx
    .selectFrom('suppressions')
    .select('address_hash')
    .where('reason', '=', 'soft_bounces')
    .where(
      'address_hash',
      'in',
      [...hashes.keys()].map((hex) => Buffer.from(hex, 'hex')),
    )
    .execute();
  const subjects = rows.map((row) => hashes.get(row.address_hash.toString('hex'))!);
  for (const { address, softAt, deliveredAt } of await readSoftRecords(trx, subjects)) {
    if (!isWornOut(softAt, deliveredAt))
      await liftSoftSuppressions(trx, [addressHash(suppressionKey, address)]);
  }
}
