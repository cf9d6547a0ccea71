import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { firstOccurrence, joinSlot } from '../db/slots.ts';
import { readLastDigests, setSlot, type SubscriberRow } from '../db/subscribers.ts';
import { addDays, nextAfterChange, nextOccurrence, type Occurrence, type Slot } from '../domain/cadence.ts';

/** When the next digest of an active subscriber is due; undefined while they get none. */
export function nextDigest(subscriber: SubscriberRow): Occurrence | undefined {
  if (subscriber.status !== 'active') return undefined;
  const { notBefore, snoozedUntil, nextDueAt, nextLocalDate } = subscriber;
  const earliest = [notBefore, snoozedUntil]
    .filter((date) => date !== null)
    .toSorted()
    .at(-1);
  if (earliest === undefined || earliest <= nextLocalDate) return { at: nextDueAt, localDate: nextLocalDate };
  return nextOccurrence(subscriber, nextDueAt, addDays(earliest, -1));
}

/** Puts a subscriber into a slot from `from` on, keeping the distance to their last digest (RULES 5). */
export async function enterSlot(
  ctx: Context,
  trx: Transaction<Database>,
  subscriberId: number,
  slot: Slot,
  from: Date = ctx.now(),
): Promise<Occurrence> {
  const last = (await readLastDigests(trx, [subscriberId])).get(subscriberId);
  const after = nextAfterChange(slot, from, last);
  const first = await firstOccurrence(trx, slot, after.at, last?.localDate);
  await setSlot(trx, subscriberId, await joinSlot(trx, slot, first));
  return first;
}
