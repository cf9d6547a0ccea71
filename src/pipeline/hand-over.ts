/**
 * Hands one frozen request to the transport and decides what follows: the part that batches of digests and
 * single notices share. It touches no row but the gate's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { isFlowing } from '../db/batches.ts';
import {
  type GateState,
  haltGate,
  holdGate,
  learnLimit,
  leftLate,
  limitOf,
  parkGate,
  readGate,
  takeTurn,
} from '../db/gates.ts';
import { decide, type Decision, mayReplay } from '../domain/hand-over.ts';
import type { Receipt } from '../transport/transport.ts';
import { notTaken, takeRoomToday } from './daily-cap.ts';

export interface FrozenRequest {
  kind: 'single' | 'batch';
  key: string;
  body: Buffer;
  members: number;
  firstAttemptAt: Date;
  /** Whether an earlier attempt under this key had no definite answer. */
  uncertain: boolean;
  /** Attempts lost so far. */
  lost: number;
  /** The database's clock when the request was claimed. */
  claimedAt: Date;
  /** `performance.now()` of that moment, where it is not just now. */
  claimedMs?: number;
  /** Whether somebody in it left after the freeze and may still be mailed: the window is short then. */
  someoneLeft: boolean;
  /**
   * Commits, just before the request leaves, that its outcome is open; false when the claim is no longer ours. Only
   * where the transport is keyless: what waits in the line when a process dies was certainly not sent.
   */
  markOpen?: () => Promise<boolean>;
  /** It tells the operator that mail is halted, so it is tried although mail is. */
  tellsOfHalt?: boolean;
  /** The batch whose edition must still flow when its turn has come. A replay need not ask. */
  batchId?: number;
  /** Somebody waits for this very mail, so it leaves whatever the daily cap says, and only counts. */
  isAwaited?: boolean;
}

export interface HandedOver {
  decision: Decision;
  receipt: Receipt | undefined;
  reason: string;
}

/** A closed gate is looked at again after this long. */
const closedGateMs = 5_000;
/** What is asked once more before a turn is asked this long before it, so that the request leaves when it is due. */
const aheadMs = 25;
/** Less is lost in the headroom between the line and the limit. */
const lateMsMin = 3;
/** In faster lines what is late by milliseconds has been overtaken by others, and is not told. */
const countedPerSecondMax = 100;
/** A turn further away than this gives the claim back meanwhile. */
const turnWaitMsMax = 30_000;

/**
 * Runs `work` under this process's lease with those of the named rows that it is not at already, and not at all if it is at
 * the first. Nothing is claimed while the gate is closed, which ends the nudge quietly: a job that waited for it would swallow
 * the nudge that comes when it opens. The rows are there, and the sweep nudges again.
 */
export async function inHand(
  ctx: Context,
  names: readonly string[],
  work: (lease: number, free: readonly string[]) => Promise<void>,
): Promise<void> {
  const lease = ctx.lease!;
  const [first] = names;
  if (first === undefined || lease.inHand.has(first)) return;
  const free = names.filter((name) => !lease.inHand.has(name));
  for (const name of free) lease.inHand.add(name);
  try {
    await work(lease.id(), free);
  } finally {
    for (const name of free) lease.inHand.delete(name);
  }
}

/** Whether anything may leave at the moment: not while the gate is halted, nor parked. */
export async function isGateOpen(ctx: Context): Promise<boolean> {
  return isOpen(await readGate(ctx.db, ctx.transport.identity));
}

export function isOpen({ haltedAt, parkedUntil }: GateState): boolean {
  return !haltedAt && !parkedUntil;
}

export async function handOver(ctx: Context, request: FrozenRequest): Promise<HandedOver> {
  const claimedMs = request.claimedMs ?? performance.now();
  const asked = request.uncertain ? undefined : request.batchId;
  const place = await takeTurn(ctx.db, ctx.transport.identity, ctx.config.ratePerSecond, asked);
  const { waitMs } = place;
  if (waitMs > turnWaitMsMax) {
    return again(waitMs, request.uncertain, 'The gate is held.');
  }
  const turnAtMs = performance.now() + waitMs;
  if (!(await waitUntil(ctx, turnAtMs - aheadMs))) return again(0, request.uncertain, 'This process stops.');
  const { gate, isFlowing } = waitMs > aheadMs ? await askAgain(ctx, asked) : place;
  if (!request.tellsOfHalt && !isOpen(gate)) return standBack(request, 'Mail is halted or parked.');
  if (!isFlowing) return standBack(request, 'Its edition is paused.');

  const now = new Date(request.claimedAt.getTime() + (performance.now() - claimedMs));
  if (request.uncertain && !mayReplay(request.firstAttemptAt, now, request.someoneLeft)) {
    return {
      decision: { next: 'unknown' },
      receipt: undefined,
      reason: 'The key was about to expire before any answer came.',
    };
  }
  const { lost, uncertain, members, firstAttemptAt, isAwaited = false } = request;
  const room = uncertain ? undefined : await takeRoomToday(ctx, members, !isAwaited);
  if (!uncertain && !room) return standBack(request, 'The daily cap is reached.');
  if (!(await waitUntil(ctx, turnAtMs))) {
    await room?.giveBack(members);
    return again(0, request.uncertain, 'This process stops.');
  }
  if (request.markOpen && !(await request.markOpen())) {
    await room?.giveBack(members);
    return again(closedGateMs, request.uncertain, 'Another process has it.');
  }
  const lateMs = performance.now() - turnAtMs;
  // Said while the request leaves. Where it cannot be said, at worst the provider asks everybody to wait.
  if (lateMs > lateMsMin && limitOf(gate.perSecond, ctx.config.ratePerSecond) <= countedPerSecondMax)
    leftLate(ctx.db, ctx.transport.identity, place, lateMs).catch(() => {});
  const { kind, key, body } = request;
  const receipt = await ctx.transport.submit({ kind, key, body, members, signal: ctx.signal });
  const unused = notTaken(receipt, members);
  if (unused > 0) await room?.giveBack(unused);
  await heed(ctx, receipt, gate);
  const askedAfterMs = 'retryAfterMs' in receipt ? receipt.retryAfterMs : closedGateMs;
  const isKeyless = ctx.transport.isKeyless ?? false;
  const attempts = { lost, uncertain, members, firstAttemptAt, now, isKeyless };
  const decision = decide(receipt.outcome, attempts, askedAfterMs);
  return { decision, receipt, reason: describe(receipt) };
}

/** Either may have closed while we stood in line. */
async function askAgain({ db, transport }: Context, batchId: number | undefined) {
  const [gate, flows] = await Promise.all([
    readGate(db, transport.identity),
    batchId === undefined || isFlowing(db, batchId),
  ]);
  return { gate, isFlowing: flows };
}

/** Waits for a moment of `performance.now()`; false when this process stops before. */
async function waitUntil({ signal }: Context, atMs: number): Promise<boolean> {
  const waitMs = atMs - performance.now();
  if (waitMs <= 0) return !signal?.aborted;
  return sleep(waitMs, true, { signal }).catch(() => false);
}

/** What the answer means for everybody in the line. */
async function heed(ctx: Context, receipt: Receipt, gate: GateState): Promise<void> {
  const { identity } = ctx.transport;
  const { perSecond } = receipt.limits;
  if (perSecond && perSecond !== gate.perSecond) await learnLimit(ctx.db, identity, perSecond);
  switch (receipt.outcome) {
    case 'wait':
      await holdGate(ctx.db, identity, receipt.retryAfterMs);
      if (receipt.reason) ctx.log.warn({ code: receipt.code }, 'mail waits for the mail server');
      break;
    case 'parked':
      await parkGate(ctx.db, identity, receipt.until, receipt.code);
      ctx.log.warn({ code: receipt.code, until: receipt.until }, 'mail is parked until the quota resets');
      break;
    case 'halt':
      if (await haltGate(ctx.db, identity, describe(receipt))) {
        ctx.log.error(
          { code: receipt.code },
          `Mail is halted: ${describe(receipt)}. Mend it, then resume at /operators, or by: broadsheet edition run`,
        );
      }
      break;
    case 'conflict':
      ctx.log.error({ code: receipt.code }, 'a key was used with other bytes: please report this as a bug');
      break;
    case 'accepted':
    case 'refused':
    case 'deferred':
    case 'busy':
    case 'lost':
      break;
  }
}

/** What was never attempted is given back unfrozen, so that whoever leaves meanwhile is left out; an open question is asked later. */
function standBack({ uncertain }: FrozenRequest, reason: string): HandedOver {
  if (uncertain) return again(closedGateMs, true, reason);
  return { decision: { next: 'thaw' }, receipt: undefined, reason };
}

function again(afterMs: number, uncertain: boolean, reason: string): HandedOver {
  return { decision: { next: 'replay', afterMs, uncertain }, receipt: undefined, reason };
}

function describe(receipt: Receipt): string {
  if (receipt.outcome === 'accepted') return 'accepted';
  return 'reason' in receipt && receipt.reason ? `${receipt.code} (${receipt.reason})` : receipt.code;
}
