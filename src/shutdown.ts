import type { Logger } from './log.ts';

export interface Running {
  /** What was started, closed in reverse order when a signal comes. Each stops taking work and finishes what it has. */
  closers: (() => Promise<void>)[];
  isStopping(): boolean;
  closeAll(): Promise<void>;
  /** Resolves when a signal has come and everything is closed. */
  stopped: Promise<void>;
}

/** What is under way gets this long to end; a batch takes seconds, a slow answer of Resend up to thirty. */
export const finishWithinMs = 20_000;
/** And closing the connections, which gives back what was not finished, this long after it. */
export const closeWithinMs = 5_000;
/** A wrapper may pass on a Ctrl-C that we had from the terminal already: the same wish, not a second one. */
const sameWishMs = 1_000;
const failed = 1;

/**
 * Waits for SIGINT or SIGTERM, then closes within a deadline, last things first. What is not finished by then is given
 * back by ending: Postgres frees the lease, and another process replays the same bytes. A second signal ends it at once.
 */
export function runUntilSignal(log: Logger, closeContext: () => Promise<void>): Running {
  const closers: (() => Promise<void>)[] = [];
  let stoppingSinceMs: number | undefined;
  const closeAll = async () => {
    const finished = await inTime(closeInTurn(closers), finishWithinMs);
    if (!finished)
      log.warn(`not finished within ${finishWithinMs / 1000} s; what is under way is given back`);
    // It closes all the same: aborts requests, frees the lease, ends the connections.
    const closed = await inTime(
      closeContext().catch(() => {}),
      closeWithinMs,
    );
    if (!finished || !closed) process.exit(failed);
  };
  const stopped = new Promise<void>((resolve) => {
    const stop = () => {
      if (stoppingSinceMs !== undefined) {
        if (performance.now() - stoppingSinceMs > sameWishMs) process.exit(failed);
        return;
      }
      stoppingSinceMs = performance.now();
      log.info('stopping');
      void closeAll().then(resolve);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  return { closers, isStopping: () => stoppingSinceMs !== undefined, closeAll, stopped };
}

async function closeInTurn(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close().catch(() => {});
}

/** Whether it ended in time. */
async function inTime(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const ended = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
