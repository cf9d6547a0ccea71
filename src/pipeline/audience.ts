/** Who an edition is for, foreseen, and whether that is to be believed. It only reads. */
import type { Kysely, Transaction } from 'kysely';
import { findEditionsToCompare } from '../db/held-editions.ts';
import { readAudience } from '../db/ledger.ts';
import type { Database } from '../db/schema.ts';
import { countBySlot, countStillToCome, listUpcomingSlots, type UpcomingSlot } from '../db/upcoming.ts';
import { type AudienceBefore, audienceWarning, holdsEdition } from '../domain/audience.ts';
import { addDays, nextOccurrence } from '../domain/cadence.ts';
import { weekdayBit, weekdayOf } from '../domain/weekdays.ts';

export interface Verdict {
  /** All who are due on that date, those to come included. */
  audience: number;
  /** A sentence when it moved by more than half. */
  warning: string | undefined;
  /** Whether nothing of it may be planned until somebody has looked. */
  holds: boolean;
}

export interface Due {
  at: Date;
  slotIds: number[];
}

/**
 * Measures the audience of a date against the editions before it. All of it is read from one snapshot: a slot that is
 * planned between two readings would count among those to come, and once more in its ranges.
 */
export async function judgeAudience(db: Kysely<Database>, date: string): Promise<Verdict> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) => judge(trx, date));
}

async function judge(db: Transaction<Database>, date: string): Promise<Verdict> {
  const { lastTime, weekBefore } = await findEditionsToCompare(db, date);
  const slots = await listUpcomingSlots(db);
  const readers = await countBySlot(db, date);
  const toCome = dueOn(slots, date).flatMap(({ slotIds }) => slotIds);
  const come = new Set(toCome);
  const sum = (of: readonly UpcomingSlot[]) => of.reduce((n, { id }) => n + (readers.get(id) ?? 0), 0);
  const restsOn = (day: string) => (slot: UpcomingSlot) => (slot.weekdays & weekdayBit(day)) === 0;
  const audience = (await readAudience(db, date)) + sum(slots.filter(({ id }) => come.has(id)));
  const before: AudienceBefore = {
    lastTime: await wholeAudience(db, lastTime),
    weekBefore: await wholeAudience(db, weekBefore),
    resting: sum(slots.filter(restsOn(date))),
  };
  if (lastTime) {
    before.returning = sum(slots.filter(restsOn(lastTime)).filter((slot) => !restsOn(date)(slot)));
    if (lastTime !== addDays(date, -1)) before.lastTimeWas = `on ${weekdayOf(lastTime)}`;
  }
  const warning = audienceWarning(audience, before);
  return { audience, warning, holds: warning !== undefined && holdsEdition(before) };
}

/** Everyone of an edition, whether their slot has come or not. */
async function wholeAudience(db: Kysely<Database>, date: string | undefined): Promise<number | undefined> {
  if (date === undefined) return undefined;
  return (await readAudience(db, date)) + (await countStillToCome(db, date));
}

/** The slots that come round on a date, those of one moment together, as planning takes them. */
export function dueOn(slots: readonly UpcomingSlot[], date: string): Due[] {
  const byMoment = new Map<number, Due>();
  for (const slot of slots) {
    const { nextDueAt: at, nextLocalDate: localDate } = slot;
    if (localDate > date) continue;
    const due = localDate === date ? { at, localDate } : nextOccurrence(slot, at, addDays(date, -1));
    if (due.localDate !== date) continue;
    const known = byMoment.get(due.at.getTime()) ?? { at: due.at, slotIds: [] };
    known.slotIds.push(slot.id);
    byMoment.set(due.at.getTime(), known);
  }
  return [...byMoment.values()];
}
