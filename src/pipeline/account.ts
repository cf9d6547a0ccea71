/** What a reader does with what we hold of them: moves it to another address. Each change is one transaction. */
import type { Context } from '../context.ts';
import { countNoticesSince } from '../db/notices.ts';
import { findByAddress, findById } from '../db/subscribers.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash, maskAddress, normaliseAddress } from '../domain/address.ts';
import { moveKeys, readToken, subscriberOf, type TokenClaims } from '../domain/tokens.ts';
import { findClaimed, isExpired } from './claimed.ts';
import { sendNotice } from './notice.ts';
import { causes } from './notice-mail.ts';
import { confirmDaysMax } from './subscription.ts';

/** The link to one's data opens until the end of the next UTC day. */
export const accountDaysMax = 1;
/** Links to one's data, and confirmations of a new address, within a day. */
const asksPerDayMax = 3;

/** Sends the link that opens a reader's data to the address we know. The caller says the same whatever comes of it. */
export async function askForAccount(ctx: Context, claims: TokenClaims): Promise<void> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber?.address) return;
  const { id: subscriberId, address } = subscriber;
  const asked = await countNoticesSince(ctx.db, { subscriberId, kind: 'link', since: null, days: 1 });
  if (asked >= asksPerDayMax) return;
  const cause = `${causes.account} ${new Date().toISOString()}`;
  await sendNotice(ctx, { subscriberId, kind: 'link', cause, address });
}

/**
 * Asks a new address whether it wants the digest. An address that is suppressed, or has a subscription of its own, gets
 * nothing, and the caller says the same.
 */
export async function askToMove(
  ctx: Context,
  claims: TokenClaims,
  given: string,
): Promise<'asked' | 'no address'> {
  const subscriber = await findClaimed(ctx, claims);
  const address = normaliseAddress(given);
  if (!address) return 'no address';
  if (!subscriber?.address || address === subscriber.address) return 'asked';
  const { id: subscriberId } = subscriber;
  const suppressed = await findSuppressed(ctx.db, [addressHash(ctx.config.suppressionKey, address)]);
  const asked = await countNoticesSince(ctx.db, { subscriberId, kind: 'confirm', since: null, days: 1 });
  if (suppressed.size > 0 || asked >= asksPerDayMax || (await findByAddress(ctx.db, address))) return 'asked';
  await ctx.db
    .updateTable('subscribers')
    .set({ pending_address: address })
    .where('id', '=', subscriberId)
    .where('status', '<>', 'erased')
    .execute();
  const cause = `${causes.move} ${new Date().toISOString()}`;
  await sendNotice(ctx, { subscriberId, kind: 'confirm', cause, address });
  return 'asked';
}

/** The move that a link from the new address's mail stands for; undefined for any other. */
export async function readMove(
  ctx: Context,
  token: string,
): Promise<
  { claims: TokenClaims; subscriberId: number; address: string; maskedAddress: string } | undefined
> {
  const subscriberId = subscriberOf(token);
  const subscriber = subscriberId === undefined ? undefined : await findById(ctx.db, subscriberId);
  const address = subscriber?.pendingAddress;
  if (!subscriber || !address || subscriber.status === 'erased') return undefined;
  const claims = readToken(moveKeys(ctx.config.keys, address), 'move', token);
  const isGood = claims?.addressVersion === subscriber.addressVersion && !isExpired(claims, confirmDaysMax);
  return isGood && claims
    ? { claims, subscriberId: subscriber.id, address, maskedAddress: maskAddress(address) }
    : undefined;
}

/** Moves the subscription to the new address. Links in older mails die, but for those that unsubscribe. */
export async function move(ctx: Context, token: string): Promise<TokenClaims | undefined> {
  const found = await readMove(ctx, token);
  if (!found) return undefined;
  const addressVersion = found.claims.addressVersion + 1;
  try {
    const { numUpdatedRows } = await ctx.db
      .updateTable('subscribers')
      .set({ address: found.address, address_version: addressVersion, pending_address: null })
      .where('id', '=', found.subscriberId)
      .where('pending_address', '=', found.address)
      .where('address_version', '=', found.claims.addressVersion)
      .executeTakeFirst();
    return numUpdatedRows === 0n
      ? undefined
      : { purpose: 'preferences', subscriberId: found.subscriberId, addressVersion };
  } catch (error) {
    // Meanwhile somebody subscribed with that address itself.
    if ((error as { code?: string }).code === uniqueViolation) return undefined;
    throw error;
  }
}

const uniqueViolation = '23505';
