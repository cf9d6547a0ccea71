/** What became of each of a subscriber's last days. It only reads. */
import type { Context } from '../context.ts';
import type { SubscriberRow } from '../db/subscribers.ts';
import { addDays, localDateAt } from '../domain/cadence.ts';
import { type SubscriberDay, tellDays } from '../domain/subscriber-days.ts';
import type { TimelineEvent } from './subscriber-timeline.ts';

/** The last `count` dates of a subscriber's own calendar, up to today or the newest digest. */
export async function readSubscriberDays(
  ctx: Context,
  subscriber: SubscriberRow,
  timeline: readonly TimelineEvent[],
  count: number,
): Promise<SubscriberDay[]> {
  const here = (at: Date) => localDateAt(subscriber.timeZone, at);
  const dates = timeline.map((event) => event['date']).filter((date) => typeof date === 'string');
  const to = [here(ctx.now()), ...dates].toSorted().at(-1)!;
  const oldest = [here(subscriber.createdAt), ...dates].toSorted()[0]!;
  const from = [addDays(to, 1 - count), oldest].toSorted().at(-1)!;
  const missed = await ctx.db
    .selectFrom('missed_slots')
    .select('edition_date')
    .where('slot_id', '=', subscriber.slotId)
    .where('edition_date', '>=', from)
    .execute();
  const first = await ctx.db
    .selectFrom('notices')
    .select('local_date')
    .where('subscriber_id', '=', subscriber.id)
    .where('local_date', 'is not', null)
    .where('state', '=', 'accepted')
    .executeTakeFirst();
  const { confirmedAt, unsubscribedAt } = subscriber;
  return tellDays({
    from,
    to,
    events: timeline,
    status: subscriber.status,
    confirmedOn: confirmedAt ? here(confirmedAt) : undefined,
    unsubscribedOn: unsubscribedAt ? here(unsubscribedAt) : undefined,
    notBefore: subscriber.notBefore,
    snoozedUntil: subscriber.snoozedUntil,
    weekdays: subscriber.weekdays,
    nextLocalDate: subscriber.nextLocalDate,
    missed: new Set(missed.map((row) => row.edition_date)),
    firstDigestOn: first?.local_date ?? undefined,
  });
}
