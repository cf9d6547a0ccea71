/**
 * The provider's own suppression list: who left between two attempts is put on it, so that a replay of the same bytes
 * does not reach them (RULES 10), and what no longer belongs there is taken off. What is to come off is written down
 * before it is put on, so a crash anywhere leaves at most an address too many there, and the sweep takes it off.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { takeTurn } from '../db/gates.ts';
import { findLifts, forgetLift, listDueLifts, lockLift, noteLeaver } from '../db/lifts.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';

const liftsPerSweepMax = 50;
/** Longer than this nobody waits in line for a question about the list. */
const turnWaitMsMax = 10_000;

/**
 * Whether it is certain that the provider mails none of these addresses any more. Puts on its list who is not there yet.
 */
export async function holdBack(
  ctx: Context,
  batchId: number,
  addresses: readonly string[],
): Promise<boolean> {
  const { suppressions: list, identity: transport } = ctx.transport;
  if (!list) return false;
  for (const address of addresses) {
    const isNew = await noteLeaver(ctx.db, { address, transport, batchId });
    const entry = await inTurn(ctx, () => list.find(address));
    if (entry === undefined) return false;
    if (entry === 'absent') {
      if (!(await inTurn(ctx, () => list.add(address)))) return false;
    } else if (isNew) {
      // It is there for a reason of its own, and stays.
      await forgetLift(ctx.db, address);
    }
  }
  return true;
}

/** Whether the provider certainly mails this address no more: it is on its list, or was put there now, to stay. */
export async function holdBackForGood(ctx: Context, address: string): Promise<boolean> {
  const list = ctx.transport.suppressions;
  return list !== undefined && ((await inTurn(ctx, () => list.add(address))) ?? false);
}

/** Takes off the provider's list whose time has come. The first question without an answer ends it until the next sweep. */
export async function liftDue(ctx: Context): Promise<void> {
  for (const address of await listDueLifts(ctx.db, ctx.transport.identity, liftsPerSweepMax)) {
    if ((await liftOne(ctx, address)) === 'no answer') return;
  }
}

/**
 * Sees to it that a mail to this address is not swallowed by the provider's list; false while a batch that its reader has
 * left may still be replayed. A list that does not answer holds nothing up.
 */
export async function clearTheWay(ctx: Context, address: string): Promise<boolean> {
  return (await findHeld(ctx, [address])).size === 0;
}

/** To which of these addresses the way could not be cleared. */
export async function findHeld(ctx: Context, addresses: readonly string[]): Promise<Set<string>> {
  const held = new Set<string>();
  if (!ctx.transport.suppressions) return held;
  for (const address of await findLifts(ctx.db, addresses))
    if ((await liftOne(ctx, address)) === 'held') held.add(address);
  return held;
}

/** The row stays locked meanwhile, so that nobody puts the address there for another batch and finds it gone. */
async function liftOne(ctx: Context, address: string): Promise<'done' | 'held' | 'no answer'> {
  return ctx.db.transaction().execute(async (trx) => {
    const lift = await lockLift(trx, address);
    if (!lift) return 'done';
    if (lift.isHeld) return 'held';
    const hash = addressHash(ctx.config.suppressionKey, address);
    const isSuppressed = (await findSuppressed(trx, [hash])).size > 0;
    if (!isSuppressed && !(await takeOff(ctx, address, lift.reason))) return 'no answer';
    await forgetLift(trx, address);
    return 'done';
  });
}

/** Who only left was put there by hand; a bounce or a complaint since then is a reason of its own. */
async function takeOff(ctx: Context, address: string, reason: 'left' | 'lifted'): Promise<boolean> {
  const list = ctx.transport.suppressions;
  if (!list) return true;
  if (reason === 'left') {
    const entry = await inTurn(ctx, () => list.find(address));
    if (entry === undefined) return false;
    if (entry === 'absent' || entry.origin !== 'manual') return true;
  }
  return (await inTurn(ctx, () => list.remove(address))) ?? false;
}

/** Asks in the line in which mail stands too: to the provider all requests are one account's. Undefined: not asked. */
export async function inTurn<T>(ctx: Context, ask: () => Promise<T>): Promise<T | undefined> {
  const { waitMs } = await takeTurn(ctx.db, ctx.transport.identity, ctx.config.ratePerSecond);
  if (waitMs > turnWaitMsMax) return undefined;
  const isInTime = await sleep(waitMs, true, { signal: ctx.signal }).catch(() => false);
  return isInTime ? ask() : undefined;
}
