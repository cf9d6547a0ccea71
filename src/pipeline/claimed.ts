import type { Context } from '../context.ts';
import { findById, type SubscriberRow } from '../db/subscribers.ts';
import { daysBetween, utcDate } from '../domain/cadence.ts';
import type { TokenClaims } from '../domain/tokens.ts';

/** The subscriber a token speaks for, as long as their address is the one it was made for (RULES 22). */
export async function findClaimed(ctx: Context, claims: TokenClaims): Promise<SubscriberRow | undefined> {
  const subscriber = await findById(ctx.db, claims.subscriberId);
  if (!subscriber || subscriber.status === 'erased') return undefined;
  if (claims.purpose === 'unsubscribe') return subscriber;
  const version = claims.purpose === 'feed' ? subscriber.feedVersion : subscriber.addressVersion;
  return claims.addressVersion === version ? subscriber : undefined;
}

/** Whether a token that names the day it was made on is older than that many days. Real time: keys and mails age by it. */
export function isExpired({ localDate }: TokenClaims, daysMax: number): boolean {
  return localDate !== undefined && daysBetween(localDate, utcDate(new Date())) > daysMax;
}
