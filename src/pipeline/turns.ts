import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';

/** Work of many small pieces that others in this process must not have to wait for. */
export interface Turns {
  /** Whether it has gone on for long enough: then `next` is to be awaited. */
  isOver(): boolean;
  /** Resolves when whatever else was ready has run. */
  next(): Promise<void>;
}

/**
 * A batch on its way to a provider awaits the database a dozen times. Behind longer stretches of composing it came too late
 * for its place in the line, and a place that nobody takes is lost.
 */
const turnMs = 5;

export function openTurns(nowMs = () => performance.now()): Turns {
  let began = nowMs();
  return {
    isOver: () => nowMs() - began >= turnMs,
    async next() {
      await othersHadTheirTurn();
      began = nowMs();
    },
  };
}
