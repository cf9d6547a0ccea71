/**
 * Plan: takes the slots that are due, leaves ranges of readers to compose.
 *
 * One transaction inserts the ranges and moves the slots on, so a crash leaves either nothing or everything; run again
 * it finds no due slot and adds no row. Two planners at once share the slots between them.
 *
 * An edition whose audience cannot be right is held: its slots stay due, and nothing of it is planned, until somebody
 * releases it or twelve hours have made it too late.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { holdEdition, listHeldEditions, listJudged } from '../db/held-editions.ts';
import { insertRanges } from '../db/ranges.ts';
import type { Database } from '../db/schema.ts';
import { readHandledThrough } from '../db/server-identity.ts';
import { advanceSlots, lockDueSlots, type SlotRow } from '../db/slots.ts';
import { nextOccurrence, type Occurrence, tooLateMs } from '../domain/cadence.ts';
import { rangeSubscribersMax } from '../domain/digest.ts';
import { judgeAudience } from './audience.ts';

export interface Planned {
  rangeIds: number[];
  /** The dates this touched, missed ones included. */
  dates: string[];
}

/** Slots of one transaction: plenty for every zone and hour, and a bound on what is locked. */
const slotsPerRoundMax = 2000;

export interface PlanOptions {
  at?: string;
  /** An operator runs it and looks: nothing is held. */
  isByHand?: boolean;
}

export async function plan(ctx: Context, { at, isByHand = false }: PlanOptions = {}): Promise<Planned> {
  const now = at ? new Date(at) : ctx.now();
  const judge: Guard['judge'] = (date) => judgeAudience(ctx.db, date);
  const guard: Guard = { isOff: isByHand, judge, judged: new Set(), held: [] };
  const planned: Planned = { rangeIds: [], dates: [] };
  for (;;) {
    const round = await ctx.db.transaction().execute((trx) => planRound(trx, now, guard));
    if (!round) break;
    planned.rangeIds.push(...round.rangeIds);
    planned.dates.push(...round.dates);
  }
  for (const { date: edition, reason } of guard.held) ctx.log.error({ edition }, `edition held: ${reason}`);
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

/** What stands between an audience that cannot be right and its edition. */
interface Guard {
  isOff: boolean;
  judge(date: string): ReturnType<typeof judgeAudience>;
  /** Dates that this planning has judged. */
  judged: Set<string>;
  /** Those it has stopped. */
  held: { date: string; reason: string }[];
}

async function planRound(trx: Transaction<Database>, now: Date, guard: Guard): Promise<Planned | undefined> {
  const held = new Set(guard.isOff ? [] : (await listHeldEditions(trx)).map(({ date }) => date));
  const slots = await lockDueSlots(trx, now, slotsPerRoundMax, [...held]);
  if (slots.length === 0) return undefined;
  const limits: Limits = { now, held, handledThrough: (await readHandledThrough(trx)) ?? '' };
  let walked = walkAll(slots, limits);
  if (!guard.isOff && (await holdWhatMoved(trx, [...walked.due.keys()], guard, held))) {
    walked = walkAll(slots, limits);
  }
  const { due, missed, moves } = walked;

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

/** Stops those of these editions whose audience moved by more than half; says whether there were any. */
async function holdWhatMoved(
  trx: Transaction<Database>,
  dates: readonly string[],
  guard: Guard,
  held: Set<string>,
): Promise<boolean> {
  const asked = dates.filter((date) => !guard.judged.has(date));
  const judged = await listJudged(trx, asked);
  const heldBefore = held.size;
  for (const date of asked) {
    guard.judged.add(date);
    if (judged.has(date)) continue;
    const { holds, warning } = await guard.judge(date);
    if (!holds || !(await holdEdition(trx, date, warning!))) continue;
    held.add(date);
    guard.held.push({ date, reason: warning! });
  }
  return held.size > heldBefore;
}

interface Limits {
  now: Date;
  held: ReadonlySet<string>;
  /** Editions up to this date another server may have mailed; '' where there is none. */
  handledThrough: string;
}

interface Walked {
  due: Map<string, number[]>;
  missed: { date: string; slotId: number }[];
  moves: { id: number; next: Occurrence; lastLocalDate: string }[];
}

function walkAll(slots: readonly SlotRow[], limits: Limits): Walked {
  const walked: Walked = { due: new Map(), missed: [], moves: [] };
  for (const slot of slots) walk(slot, limits, walked);
  return walked;
}

/**
 * Follows one slot up to now: what is due in time is planned, what is older than twelve hours is missed (RULES 6), and so
 * is what another server may have mailed (RULES 21). It stays where an edition is held.
 */
function walk(slot: SlotRow, { now, held, handledThrough }: Limits, { due, missed, moves }: Walked): void {
  let here: Occurrence = { at: slot.nextDueAt, localDate: slot.nextLocalDate };
  let lastLocalDate: string | undefined;
  while (here.at <= now) {
    const isMissed = now.getTime() - here.at.getTime() > tooLateMs || here.localDate <= handledThrough;
    if (!isMissed && held.has(here.localDate)) break;
    lastLocalDate = here.localDate;
    if (isMissed) missed.push({ date: here.localDate, slotId: slot.id });
    else due.set(here.localDate, [...(due.get(here.localDate) ?? []), slot.id]);
    here = nextOccurrence(slot, here.at, here.localDate);
  }
  if (lastLocalDate !== undefined) moves.push({ id: slot.id, next: here, lastLocalDate });
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
