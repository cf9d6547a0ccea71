/**
 * The daily cap: room is taken just before a first attempt and given back where nothing was taken. A crash in between
 * costs the day that room and never adds any; a replay is no new mail, and needs none.
 */
import type { Context } from '../context.ts';
import { type DayCount, giveRoomBack, readDayCount, takeRoom } from '../db/daily-cap.ts';
import { capOn } from '../domain/daily-cap.ts';
import type { Receipt } from '../transport/transport.ts';

/** Room that was taken. */
export interface Room {
  giveBack(mails: number): Promise<void>;
}

const noCap: Room = { async giveBack() {} };
/** A mail that waits for no cap is counted all the same. */
const noLimit = 2 ** 31 - 1;

/** Today's cap and what counts towards it; undefined where there is no cap. */
export async function capToday(ctx: Context): Promise<(DayCount & { cap: number }) | undefined> {
  const { dailyCap } = ctx.config;
  if (!dailyCap) return undefined;
  const count = await readDayCount(ctx.db, ctx.transport.identity);
  return { ...count, cap: capOn(dailyCap, count.day) };
}

/** How many mails may still leave today; without end where there is no cap. */
export async function roomToday(ctx: Context): Promise<number> {
  const today = await capToday(ctx);
  return today ? Math.max(0, today.cap - today.mails) : Infinity;
}

/**
 * Takes room for so many mails, and gives undefined where the cap has none. What `waits` is false of, the notices that
 * somebody is waiting for, is counted and never held.
 */
export async function takeRoomToday(ctx: Context, mails: number, waits: boolean): Promise<Room | undefined> {
  const today = await capToday(ctx);
  if (!today) return noCap;
  const { identity } = ctx.transport;
  const { day, cap } = today;
  const count = await takeRoom(ctx.db, identity, { day, mails, cap: waits ? cap : noLimit });
  if (count === undefined) return waits ? undefined : noCap;
  if (count === cap) ctx.log.warn({ cap, day }, 'the daily cap is reached; the rest waits for 00:00 UTC');
  return { giveBack: (unused) => giveRoomBack(ctx.db, identity, { day, mails: unused }) };
}

/** How many of a request's mails were certainly not taken. */
export function notTaken(receipt: Receipt, members: number): number {
  switch (receipt.outcome) {
    case 'accepted':
      return receipt.refused.length;
    case 'refused':
    case 'wait':
    case 'deferred':
    case 'parked':
    case 'halt':
      return members;
    case 'busy':
    case 'conflict':
    case 'lost':
      return 0;
  }
}
