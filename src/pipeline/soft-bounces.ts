import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { type DigestOutcome, readSoftRecords } from '../db/outcomes.ts';
import type { Database } from '../db/schema.ts';
import {
  findWornOut,
  isAnyoneWornOut,
  liftSoftSuppressions,
  type NewSuppression,
  suppressAll,
} from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { isWornOut, softBouncesMax } from '../domain/bounce.ts';

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
  const isAnyoneWorn = await isAnyoneWornOut(trx);
  const bounced = outcomes.filter(({ kind }) => kind === 'bounced');
  // Hashing every address that got its mail would cost more than everything else here.
  const delivered = isAnyoneWorn ? outcomes.filter(({ kind }) => kind === 'delivered') : [];
  const subjects = [...bounced, ...(await wornOutAmong(ctx, trx, delivered))];
  const { worn, well } = await judge(ctx, trx, subjects);
  await suppressAll(trx, worn);
  if (isAnyoneWorn) await liftSoftSuppressions(trx, well);
  if (worn.length > 0) ctx.log.info({ reason: 'soft_bounces', addresses: worn.length }, 'suppressed');
}

type Subject = { subscriberId: number; address: string };

async function judge(
  ctx: Context,
  trx: Transaction<Database>,
  subjects: readonly Subject[],
): Promise<{ worn: NewSuppression[]; well: Buffer[] }> {
  const worn: NewSuppression[] = [];
  const well: Buffer[] = [];
  for (const { address, softAt, deliveredAt } of await readSoftRecords(trx, subjects)) {
    const hash = addressHash(ctx.config.suppressionKey, address);
    if (!isWornOut(softAt, deliveredAt)) well.push(hash);
    else worn.push({ addressHash: hash, reason: 'soft_bounces', origin: 'webhook', detail: wornOutWords });
  }
  return { worn, well };
}

const wornOutWords = `${softBouncesMax} soft bounces in a row over a week`;

/** Those of these whose address counts as worn out: hardly ever any. */
async function wornOutAmong(
  ctx: Context,
  trx: Transaction<Database>,
  delivered: readonly Subject[],
): Promise<Subject[]> {
  if (delivered.length === 0) return [];
  const { suppressionKey } = ctx.config;
  const byHash = new Map(
    delivered.map((one) => [addressHash(suppressionKey, one.address).toString('hex'), one]),
  );
  const hashes = [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'));
  return (await findWornOut(trx, hashes)).flatMap((hex) => byHash.get(hex) ?? []);
}
