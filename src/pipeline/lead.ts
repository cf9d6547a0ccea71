/**
 * Lead: has ranges composed only seconds ahead of the line in which their batches wait for the provider. Composed all at once
 * they take the processor from what is on its way, which then comes too late for its place in the line; and a digest that
 * is composed later knows more of what its reader decided.
 *
 * It only looks: a range that waits here is an open row, which the sweep finds when this process dies.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { countDueBatches } from '../db/batches.ts';
import { limitOf, readGate } from '../db/gates.ts';
import { takeComposer } from '../db/ranges.ts';
import { batchMembersMax } from '../domain/digest.ts';
import { composersFor, enoughIn } from '../domain/lead.ts';
import { Retryable } from '../queue/errors.ts';
import { compose } from './compose.ts';
import { roomToday } from './daily-cap.ts';
import { isOpen } from './hand-over.ts';

const lookAgainMs = 200;
/** Whatever may hold up the line, one that is at it waits no longer than this. */
const patienceMsUsual = 10 * 60_000;
/** Composed within this time, a process has the day's papers and their cards at hand. */
const latelyMs = 30_000;
/** Others hold no range for longer, so that the last of them, too, are composed by one that has. */
const givesBackAfterMs = 1_000;

export interface ComposerOptions {
  /** Resolves before the next look, and rejects when the process stops. */
  wait?(ms: number, signal: AbortSignal): Promise<unknown>;
  patienceMs?: number;
}

/** One process's way of composing: each range as soon as the line wants more. */
export function openComposer({ wait = defaultWait, patienceMs = patienceMsUsual }: ComposerOptions = {}) {
  let composedAtMs = -Infinity;
  const take = async (ctx: Context, job: { rangeId: number }, composers: number) => {
    const isDone = await compose(ctx, job, (trx) => takeComposer(trx, composers));
    if (isDone) composedAtMs = performance.now();
    return isDone;
  };
  return async (ctx: Context, job: { rangeId: number }): Promise<void> => {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookAgainMs) {
      const isAtIt = performance.now() - composedAtMs < latelyMs;
      const composers = await readComposers(ctx, isAtIt);
      if (composers === Infinity) break;
      if (composers > 0 && (await take(ctx, job, composers))) return;
      if (!isAtIt && waitedMs >= givesBackAfterMs) throw later(job, 'it is left to whoever is at it.');
      await wait(lookAgainMs, ctx.signal).catch(() => {
        throw later(job, 'this process stops.');
      });
    }
    await compose(ctx, job);
  };
}

function later({ rangeId }: { rangeId: number }, why: string): Retryable {
  return new Retryable(`Range ${rangeId}: ${why}`, lookAgainMs);
}

function defaultWait(ms: number, signal: AbortSignal): Promise<unknown> {
  return sleep(ms, undefined, { signal });
}

/** Any number where nothing leaves at the moment: waiting would gain nothing, and what is composed is out of the way. */
async function readComposers(ctx: Context, hasComposedLately: boolean): Promise<number> {
  const { db, transport, config } = ctx;
  const gate = await readGate(db, transport.identity);
  if (!isOpen(gate) || (await roomToday(ctx)) === 0) return Infinity;
  const perSecond = limitOf(gate.perSecond, config.ratePerSecond);
  const waiting = await countDueBatches(db, enoughIn({ perSecond }));
  const mails = transport.isKeyless ? 1 : batchMembersMax;
  return composersFor({ perSecond, mails, waiting }, hasComposedLately);
}
