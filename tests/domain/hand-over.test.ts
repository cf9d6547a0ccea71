import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Attempts,
  backoffMs,
  decide,
  type Decision,
  mayReplay,
  type Outcome,
  replayWindowAfterLeavingMs,
  replayWindowMs,
} from '../../src/domain/hand-over.ts';

const start = new Date('2026-03-20T06:00:00Z');
const hourMs = 3_600_000;
const outcomes: readonly Outcome[] = [
  'accepted',
  'refused',
  'wait',
  'deferred',
  'parked',
  'halt',
  'busy',
  'conflict',
  'lost',
];
/** Answers after which the request may have been taken, although they do not say so. */
const leavesDoubt = new Set<Outcome>(['lost', 'busy']);

const attempts = (over: Partial<Attempts> = {}): Attempts => ({
  lost: 0,
  uncertain: false,
  members: 100,
  firstAttemptAt: start,
  now: new Date(start.getTime() + 1000),
  ...over,
});

describe('each answer, at the first attempt and after one whose answer was lost', () => {
  test.each<[Outcome, Decision['next'], Decision['next']]>([
    ['accepted', 'accepted', 'accepted'],
    ['refused', 'split', 'unknown'],
    ['wait', 'replay', 'replay'],
    ['deferred', 'replay', 'replay'],
    ['parked', 'thaw', 'replay'],
    ['halt', 'thaw', 'replay'],
    ['busy', 'replay', 'replay'],
    ['conflict', 'unknown', 'unknown'],
    ['lost', 'replay', 'replay'],
  ])('%s: %s, then %s', (outcome, first, later) => {
    expect(decide(outcome, attempts(), 5000).next).toBe(first);
    expect(decide(outcome, attempts({ lost: 1, uncertain: true }), 5000).next).toBe(later);
  });

  test('a single mail that is refused has failed; there is nothing to split', () => {
    expect(decide('refused', attempts({ members: 1 }))).toEqual({ next: 'failed' });
    expect(decide('refused', attempts({ members: 1, uncertain: true }))).toEqual({ next: 'unknown' });
  });

  test('without a key a lost answer stays lost, and everything else is as with one', () => {
    for (const outcome of outcomes) {
      const keyless = decide(outcome, attempts({ members: 1, isKeyless: true }), 5000);
      const keyed = decide(outcome, attempts({ members: 1 }), 5000);
      expect(keyless).toEqual(outcome === 'lost' ? { next: 'unknown' } : keyed);
    }
  });

  test('a mail put off is tried again for 20 hours, and has then failed: it was never taken', () => {
    const quarterMs = hourMs / 4;
    const at = (ms: number) => attempts({ members: 1, now: new Date(start.getTime() + ms) });
    expect(decide('deferred', at(0), quarterMs)).toEqual({
      next: 'replay',
      afterMs: quarterMs,
      uncertain: false,
    });
    expect(decide('deferred', at(replayWindowMs - quarterMs - 1), quarterMs).next).toBe('replay');
    expect(decide('deferred', at(replayWindowMs - quarterMs), quarterMs)).toEqual({ next: 'failed' });
    const doubtful = { ...at(replayWindowMs), uncertain: true };
    expect(decide('deferred', doubtful, quarterMs)).toEqual({ next: 'unknown' });
  });

  test('the first lost answer is asked for again at once, the next ones ever later', () => {
    const waits = [0, 1, 2, 3].map((lost) => decide('lost', attempts({ lost, uncertain: lost > 0 })));
    expect(waits.map((decision) => decision.next === 'replay' && decision.afterMs)).toEqual([
      0, 500, 1000, 2000,
    ]);
  });

  test('a rate limit is waited out for as long as it asked, and leaves the outcome as certain as it was', () => {
    expect(decide('wait', attempts(), 1234)).toEqual({ next: 'replay', afterMs: 1234, uncertain: false });
    expect(decide('wait', attempts({ uncertain: true }), 1234)).toEqual({
      next: 'replay',
      afterMs: 1234,
      uncertain: true,
    });
  });
});

interface Step {
  outcome: Outcome;
  askedAfterMs: number;
  delayMs: number;
}

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    outcome: fc.constantFrom(...outcomes),
    askedAfterMs: fc.oneof(fc.nat({ max: 60_000 }), fc.nat({ max: 30 * hourMs })),
    delayMs: fc.oneof(fc.nat({ max: 60_000 }), fc.nat({ max: 12 * hourMs })),
  }),
  { minLength: 1, maxLength: 30 },
);

/**
 * Plays a batch through these answers as deliver does: a freeze begins anew after a thaw, a replay keeps key and
 * first attempt, and nothing is asked again past the window when it is uncertain.
 */
function play(members: number, steps: readonly Step[], seen: (turn: Turn) => void): void {
  let now = start.getTime();
  let frozen = { firstAttemptAt: start, uncertain: false, lost: 0, doubt: false };
  for (const { outcome, askedAfterMs, delayMs } of steps) {
    const { firstAttemptAt, uncertain, lost } = frozen;
    if (uncertain && !mayReplay(firstAttemptAt, new Date(now))) return;
    const decision = decide(
      outcome,
      { lost, uncertain, members, firstAttemptAt, now: new Date(now) },
      askedAfterMs,
    );
    seen({ outcome, decision, at: now, ...frozen });
    if (decision.next === 'thaw') {
      now += delayMs;
      frozen = { firstAttemptAt: new Date(now), uncertain: false, lost: 0, doubt: false };
    } else if (decision.next === 'replay') {
      now += decision.afterMs + delayMs;
      frozen = {
        firstAttemptAt,
        uncertain: decision.uncertain,
        lost: lost + (outcome === 'lost' ? 1 : 0),
        doubt: frozen.doubt || leavesDoubt.has(outcome),
      };
    } else return;
  }
}

interface Turn {
  outcome: Outcome;
  decision: Decision;
  at: number;
  firstAttemptAt: Date;
  /** What deliver remembers. */
  uncertain: boolean;
  /** What is true: an answer under this key left it open. */
  doubt: boolean;
}

describe('for any sequence of answers', () => {
  /** The shortest sequence with a turn for which the claim is false; null when it holds for all. */
  const counterexample = (claim: (turn: Turn) => boolean) =>
    fc.check(
      fc.property(fc.integer({ min: 1, max: 100 }), anySteps, (members, steps) => {
        const turns: boolean[] = [];
        play(members, steps, (turn) => turns.push(claim(turn)));
        return !turns.includes(false);
      }),
      { numRuns: 3000 },
    ).counterexample;

  test('an attempt whose answer was lost is never forgotten', () => {
    expect(counterexample(({ uncertain, doubt }) => uncertain === doubt)).toBeNull();
  });

  test('nothing is split, thawed or failed that may have been taken', () => {
    const certain = ['split', 'thaw', 'failed'];
    expect(counterexample(({ doubt, decision }) => !doubt || !certain.includes(decision.next))).toBeNull();
  });

  test('no replay of what may have been taken begins later than 20 h after the first attempt', () => {
    const inTime = ({ decision, at, firstAttemptAt }: Turn) =>
      decision.next !== 'replay' ||
      !decision.uncertain ||
      at + decision.afterMs - firstAttemptAt.getTime() < 20 * hourMs;
    expect(counterexample(inTime)).toBeNull();
  });

  test('only what may have been taken becomes unknown', () => {
    const mayBeTaken = ({ doubt, outcome }: Turn) =>
      doubt || leavesDoubt.has(outcome) || outcome === 'conflict';
    expect(counterexample((turn) => turn.decision.next !== 'unknown' || mayBeTaken(turn))).toBeNull();
  });

  test('no wait is negative', () => {
    const isWait = ({ decision }: Turn) => decision.next !== 'replay' || decision.afterMs >= 0;
    expect(counterexample(isWait)).toBeNull();
  });
});

test('the window closes at 20 h, and at 15 min when somebody has left', () => {
  const after = (ms: number) => new Date(start.getTime() + ms);
  expect(replayWindowMs).toBe(20 * hourMs);
  expect(mayReplay(start, after(replayWindowMs - 1))).toBe(true);
  expect(mayReplay(start, after(replayWindowMs))).toBe(false);
  expect(mayReplay(start, after(replayWindowAfterLeavingMs - 1), true)).toBe(true);
  expect(mayReplay(start, after(15 * 60_000), true)).toBe(false);
});

test('the backoff grows with every loss, up to five minutes', () => {
  let last = 0;
  for (let lost = 0; lost < 2000; lost++) {
    const wait = backoffMs(lost);
    expect(wait).toBeGreaterThanOrEqual(last);
    expect(wait).toBeLessThanOrEqual(5 * 60_000);
    last = wait;
  }
  expect(last).toBe(5 * 60_000);
});
