/**
 * Plan: takes the slots that are due, leaves ranges of readers to compose.
 *
 * One transaction inserts the ranges and moves the slots on, so a crash leaves either nothing or everything; run again
 * it finds no due slot and adds no row. Two planners at once share the slots between them.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { insertRanges } from '../db/ranges.ts';
import type { Database } from '../db/schema.ts';
import { readHandledThrough } from '../db/server-identity.ts';
import { advanceSlots, lockDueSlots, type SlotRow } from '../db/slots.ts';
import { nextOccurrence, type Occurrence, tooLateMs } from '../domain/cadence.ts';
import { rangeSubscribersMax } from '../domain/digest.ts';

export interface Planned {
  rangeIds: number[];
  /** The dates this touched, missed ones included. */
  dates: string[];
}

/** Slots of one transaction: plenty for every zone and hour, and a bound on what is locked. */
const slotsPerRoundMax = 2000;

export async function plan(ctx: Context, { at }: { at?: string } = {}): Promise<Planned> {
  const now = at ? new Date(at) : ctx.now();
  const planned: Planned = { rangeIds: [], dates: [] };
  for (;;) {
    const round = await ctx.db.transaction().execute((trx) => planRound(trx, now));
    if (!round) break;
    planned.rangeIds.push(...round.rangeIds);
    planned.dates.push(...round.dates);
  }
  await ctx.queues.addMany(
    'compose',
    planned.rangeIds.map((rangeId) => ({ rangeId })),
  );
  await ctx.db
    .updateTable('installation')
    .set({ scheduler_ticked_at: sql`now()` })
    .execute();
  return { rangeIds: planned.rangeIds, dates: [...new Set(planned.dates)].toSorted() };
}

async function planRound(trx: Transaction<Database>, now: Date): Promise<Planned | undefined> {
  const slots = await lockDueSlots(trx, now, slotsPerRoundMax);
  if (slots.length === 0) return undefined;
  const due = new Map<string, number[]>();
  const missed: { date: string; slotId: number }[] = [];
  const moves: { id: number; next: Occurrence; lastLocalDate: string }[] = [];
  const handledThrough = await readHandledThrough(trx);
  for (const slot of slots) moves.push(walk(slot, { now, handledThrough }, due, missed));

  const dates = [...new Set([...due.keys(), ...missed.map(({ date }) => date)])].toSorted();
  const closed = await openEditions(trx, dates);
  await countMissed(
    trx,
    missed.filter(({ date }) => !closed.has(date)),
    now,
  );
  const rangeIds: number[] = [];
  for (const [editionDate, slotIds] of due) {
    if (closed.has(editionDate)) continue;
    rangeIds.push(...(await insertRanges(trx, { editionDate, slotIds, madeAt: now }, rangeSubscribersMax)));
  }
  await advanceSlots(trx, moves);
  return { rangeIds, dates: dates.filter((date) => !closed.has(date)) };
}

/**
 * Follows one slot up to now: what is due in time is planned, what is older than twelve hours is missed (RULES 6), and so
 * is what another server may have mailed (RULES 21).
 */
function walk(
  slot: SlotRow,
  { now, handledThrough = '' }: { now: Date; handledThrough: string | undefined },
  due: Map<string, number[]>,
  missed: { date: string; slotId: number }[],
): { id: number; next: Occurrence; lastLocalDate: string } {
  let here: Occurrence = { at: slot.nextDueAt, localDate: slot.nextLocalDate };
  let lastLocalDate = here.localDate;
  while (here.at <= now) {
    lastLocalDate = here.localDate;
    const isTooLate = now.getTime() - here.at.getTime() > tooLateMs;
    if (isTooLate || here.localDate <= handledThrough) missed.push({ date: here.localDate, slotId: slot.id });
    else due.set(here.localDate, [...(due.get(here.localDate) ?? []), slot.id]);
    here = nextOccurrence(slot, here.at, here.localDate);
  }
  return { id: slot.id, next: here, lastLocalDate };
}

/** Opens the editions of these dates and gives those that are closed already: nothing is planned for them (RULES 19). */
async function openEditions(trx: Transaction<Database>, dates: string[]): Promise<Set<string>> {
  if (dates.length === 0) return new Set();
  await sql`insert into editions (date) select unnest(${dates}::date[]) on conflict do nothing`.execute(trx);
  const { rows } = await sql<{ date: string }>`
    select date from editions where date = any(${dates}::date[]) and closed_at is not null`.execute(trx);
  return new Set(rows.map((row) => row.date));
}

/** Counts the readers of missed slots, once a slot and date. Slots nobody is in leave no trace. */
async function countMissed(
  db: Kysely<Database>,
  missed: { date: string; slotId: number }[],
  now: Date,
): Promise<void> {
  if (missed.length === 0) return;
  await sql`
    insert into missed_slots (edition_date, slot_id, subscribers, noticed_at)
    select m.date, m.slot, count(*), ${now} from unnest(${missed.map(({ date }) => date)}::date[],
      ${missed.map(({ slotId }) => slotId)}::int[]) m(date, slot)
    join subscribers s on s.slot_id = m.slot and s.status = 'active'
      and (s.not_before is null or s.not_before <= m.date)
      and (s.snoozed_until is null or s.snoozed_until <= m.date)
    group by m.date, m.slot on conflict do nothing
  `.execute(db);
}
