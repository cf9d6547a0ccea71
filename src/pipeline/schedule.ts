import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { Database } from '../db/schema.ts';
import { firstOccurrence, joinSlot } from '../db/slots.ts';
import { readLastDigests, setSlot, type SubscriberRow } from '../db/subscribers.ts';
import type { Choices } from '../domain/choices.ts';
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

/** When the next digest would be due with other choices. Reads only, so an edition that closes meanwhile is not seen. */
export async function nextIfSaved(
  ctx: Context,
  subscriber: SubscriberRow,
  choices: Choices,
): Promise<Occurrence> {
  const snoozedUntil = choices.snoozedUntil === undefined ? subscriber.snoozedUntil : choices.snoozedUntil;
  if (isSameSlot(subscriber, choices)) return nextDigest({ ...subscriber, snoozedUntil })!;
  const last = (await readLastDigests(ctx.db, [subscriber.id])).get(subscriber.id);
  const first = nextAfterChange(choices, ctx.now(), last);
  if (!snoozedUntil || snoozedUntil <= first.localDate) return first;
  return nextOccurrence(choices, first.at, addDays(snoozedUntil, -1));
}

/** Whether two choices of time are the same slot. */
export function isSameSlot(a: Slot, b: Slot): boolean {
  return a.timeZone === b.timeZone && a.sendHour === b.sendHour && a.weekdays === b.weekdays;
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
