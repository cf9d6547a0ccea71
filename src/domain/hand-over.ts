/**
 * What follows from a transport's receipt (RULES 10–13): a table, so that it can be read and tested as one.
 * Neutral about transports: it sees outcomes, never status codes.
 */
export type Outcome =
  | 'accepted'
  | 'refused'
  | 'wait'
  | 'deferred'
  | 'parked'
  | 'halt'
  | 'busy'
  | 'conflict'
  | 'lost';

export interface Attempts {
  /** Attempts that burnt one: those whose answer was lost. */
  lost: number;
  /** Whether any attempt under this key, this one not counted, had no definite answer. */
  uncertain: boolean;
  members: number;
  firstAttemptAt: Date;
  /** Real time, the database's. */
  now: Date;
  /** The transport knows no key: what was lost stays unknown (RULES 13). */
  isKeyless?: boolean;
}

export type Decision =
  | { next: 'accepted' }
  /** Try halves under new keys: every attempt so far was definitely refused. */
  | { next: 'split' }
  | { next: 'failed' }
  /** The same bytes under the same key, after a while. */
  | { next: 'replay'; afterMs: number; uncertain: boolean }
  /** Never taken: give it back unfrozen, to be frozen anew when the way is free. */
  | { next: 'thaw' }
  /** May have been taken, and cannot be asked any more. Never sent again by itself. */
  | { next: 'unknown' };

/** The key lives 24 h at Resend; a replay starts no later than this after the first attempt. */
export const replayWindowMs = 20 * 3_600_000;
/** When a member has left in between and an attempt may have been taken: a short window only (RULES 10). */
export const replayWindowAfterLeavingMs = 15 * 60_000;

const backoffFirstMs = 250;
const backoffMostMs = 5 * 60_000;

/** Decides by outcome and history alone. `afterMs` is what the answer asked for, where it did. */
export function decide(outcome: Outcome, attempts: Attempts, askedAfterMs = 0): Decision {
  switch (outcome) {
    case 'accepted':
      return { next: 'accepted' };
    case 'refused':
      if (attempts.uncertain) return { next: 'unknown' };
      return attempts.members > 1 ? { next: 'split' } : { next: 'failed' };
    case 'conflict':
      // The key was used with other bytes, so the original was accepted: never guess, ask the operator.
      return { next: 'unknown' };
    case 'parked':
    case 'halt':
      return attempts.uncertain ? replay(attempts, askedAfterMs, true) : { next: 'thaw' };
    case 'wait':
      return replay(attempts, askedAfterMs, attempts.uncertain);
    case 'deferred':
      return defer(attempts, askedAfterMs);
    case 'busy':
      return replay(attempts, askedAfterMs, true);
    case 'lost':
      if (attempts.isKeyless) return { next: 'unknown' };
      // The first replay goes out at once; a second loss is no accident any more.
      return replay(attempts, attempts.lost === 0 ? 0 : backoffMs(attempts.lost), true);
  }
}

/** Whether a replay may still start: checked just before each request. */
export function mayReplay(firstAttemptAt: Date, now: Date, someoneLeft = false): boolean {
  const windowMs = someoneLeft ? replayWindowAfterLeavingMs : replayWindowMs;
  return now.getTime() - firstAttemptAt.getTime() < windowMs;
}

/** 0.25 s, 0.5 s, 1 s … 5 min. */
export function backoffMs(lost: number): number {
  return Math.min(backoffMostMs, backoffFirstMs * 2 ** Math.min(lost, 20));
}

/** Put off too often, a mail has failed: it was never taken, and its day is over. */
function defer(attempts: Attempts, afterMs: number): Decision {
  const then = new Date(attempts.now.getTime() + afterMs);
  if (mayReplay(attempts.firstAttemptAt, then))
    return { next: 'replay', afterMs, uncertain: attempts.uncertain };
  return attempts.uncertain ? { next: 'unknown' } : { next: 'failed' };
}

function replay(attempts: Attempts, afterMs: number, uncertain: boolean): Decision {
  const then = new Date(attempts.now.getTime() + afterMs);
  if (uncertain && !mayReplay(attempts.firstAttemptAt, then)) return { next: 'unknown' };
  return { next: 'replay', afterMs, uncertain };
}
