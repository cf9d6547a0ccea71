import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Canary,
  canaryWaitMs,
  type Course,
  courseAfter,
  describeTrip,
  judgeCanary,
  type Move,
  nothingReported,
  type Reports,
  reportedToAcquit,
  since,
  tripOf,
} from '../../src/domain/breaker.ts';

const reports = (over: Partial<Reports>): Reports => ({ ...nothingReported, ...over });
const anyReports = fc
  .tuple(fc.nat(5000), fc.nat(400), fc.nat(60), fc.nat(60), fc.nat(10))
  .map(([reported, hard, policy, content, complained]) => ({ reported, hard, policy, content, complained }));

describe('an edition that flows', () => {
  test.each<[string, Partial<Reports>, string | undefined]>([
    ['3 % hard bounces are no more than 3 %', { reported: 200, hard: 6 }, undefined],
    ['a hard bounce more', { reported: 200, hard: 7 }, 'hard'],
    ['not before 200 are reported', { reported: 199, hard: 199 }, undefined],
    ['one complaint of 2,000 is 0.05 %', { reported: 2000, complained: 1 }, undefined],
    ['one of 1,999 is more', { reported: 1999, complained: 1 }, 'complained'],
    ['one of 199 is too early to say', { reported: 199, complained: 1 }, undefined],
    ['nineteen policy bounces are no wave', { reported: 19, policy: 19 }, undefined],
    ['twenty are, and wait for no 200', { reported: 20, policy: 20 }, 'refusals'],
    ['content bounces count with them', { reported: 100, policy: 10, content: 10 }, 'refusals'],
    ['a wave is a share, too', { reported: 1000, policy: 30 }, undefined],
    ['of more than 3 %', { reported: 1000, policy: 31 }, 'refusals'],
  ])('%s', (_, given, over) => {
    expect(tripOf(reports(given))?.over).toBe(over);
  });

  test('trips when, and only when, fewer were reported than acquit it, and enough to judge', () => {
    fc.assert(
      fc.property(anyReports, (given) => {
        const acquitted = { ...given, reported: Math.max(given.reported, reportedToAcquit(given)) };
        expect(tripOf(acquitted)).toBeUndefined();
        fc.pre(given.reported >= 200);
        expect(tripOf(given) === undefined).toBe(given.reported >= reportedToAcquit(given));
      }),
    );
  });

  test('trips over what is worse, whatever else there is: more of a trouble never acquits', () => {
    const troubles = fc.constantFrom('hard', 'policy', 'content', 'complained' as const);
    fc.assert(
      fc.property(anyReports, troubles, fc.nat(50), (given, one, more) => {
        const worse = { ...given, [one]: given[one] + more };
        expect(reportedToAcquit(worse)).toBeGreaterThanOrEqual(reportedToAcquit(given));
        fc.pre(tripOf(given) !== undefined);
        expect(tripOf(worse)).toBeDefined();
      }),
    );
  });

  test('says what it tripped over, with its figures', () => {
    expect(describeTrip(tripOf(reports({ reported: 1350, hard: 57 }))!)).toBe(
      'Of 1,350 reported digests 57 bounced hard, 4.22 %; the limit is 3 %.',
    );
    expect(describeTrip(tripOf(reports({ reported: 800, complained: 1 }))!)).toBe(
      'Of 800 reported digests 1 drew a complaint, 0.13 %; the limit is 0.05 %.',
    );
  });

  test('counts from what had been reported when it was let go on, and never below nothing', () => {
    fc.assert(
      fc.property(anyReports, anyReports, (now, before) => {
        for (const [name, n] of Object.entries(since(now, before))) {
          expect(n).toBe(Math.max(0, now[name as keyof Reports] - before[name as keyof Reports]));
        }
      }),
    );
  });
});

describe('a canary', () => {
  const canary = (over: Partial<Canary>): Canary => ({
    accepted: 100,
    notAccepted: 0,
    pending: 0,
    reports: nothingReported,
    waitedMs: 60_000,
    hearsDeliveries: true,
    ...over,
  });
  const verdict = (over: Partial<Canary>) => judgeCanary(canary(over)).is;

  test.each<[string, Partial<Canary>, string]>([
    ['is open while some of it waits', { pending: 40, reports: reports({ reported: 60 }) }, 'open'],
    [
      'is good when nine in ten are reported and little is wrong',
      { reports: reports({ reported: 90 }) },
      'good',
    ],
    ['is open with fewer', { reports: reports({ reported: 89 }) }, 'open'],
    ['three hard bounces of a hundred are forgiven', { reports: reports({ reported: 95, hard: 3 }) }, 'good'],
    [
      'a fourth is not, even before the others are known',
      { reports: reports({ reported: 4, hard: 4 }) },
      'bad',
    ],
    ['a complaint never is', { reports: reports({ reported: 95, complained: 1 }) }, 'bad'],
    [
      'four policy and content bounces are not',
      { reports: reports({ reported: 95, policy: 2, content: 2 }) },
      'bad',
    ],
    ['of five, one bounce is forgiven', { accepted: 5, reports: reports({ reported: 5, hard: 1 }) }, 'good'],
    ['of five, two are not', { accepted: 5, reports: reports({ reported: 5, hard: 2 }) }, 'bad'],
    [
      'of which half is known after the wait must do',
      { waitedMs: canaryWaitMs, reports: reports({ reported: 50 }) },
      'good',
    ],
    ['less than half is too little', { waitedMs: canaryWaitMs, reports: reports({ reported: 49 }) }, 'bad'],
    ['of which nothing is heard is bad', { waitedMs: canaryWaitMs }, 'bad'],
    ['but not where nothing can be heard', { waitedMs: canaryWaitMs, hearsDeliveries: false }, 'good'],
    ['which has to be waited for there', { hearsDeliveries: false }, 'open'],
    ['that nobody was left in is empty', { accepted: 0 }, 'empty'],
    ['that was not taken is bad', { accepted: 0, notAccepted: 100 }, 'bad'],
  ])('%s', (_, given, is) => {
    expect(verdict(given)).toBe(is);
  });

  test('is never open for ever: when all of it is settled, waiting ends in a verdict', () => {
    fc.assert(
      fc.property(anyReports, fc.nat(100), fc.boolean(), (given, accepted, hearsDeliveries) => {
        const waited = { reports: given, accepted, hearsDeliveries, waitedMs: canaryWaitMs };
        expect(verdict(waited)).not.toBe('open');
      }),
    );
  });
});

test('whatever happens, only an operator leads out of a pause, and only to a canary', () => {
  const moves = fc.constantFrom<Move>('pause', 'resume', 'letGo', 'trip', 'good', 'bad');
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 40 }), (given) => {
      let course: Course = 'flowing';
      const led: [Course, Move, Course][] = [];
      for (const move of given) {
        const next: Course = courseAfter(course, move) ?? course;
        if (next !== course) led.push([course, move, next]);
        course = next;
      }
      const from = (one: Course) => led.filter(([before]) => before === one);
      expect(from('paused').every(([, move, next]) => move === 'resume' && next === 'trying')).toBe(true);
      const freed = led.filter(([, , next]) => next === 'flowing');
      expect(freed.every(([before, move]) => before === 'trying' && ['good', 'letGo'].includes(move))).toBe(
        true,
      );
      // A pause can be called for at any time, and a trip or a bad canary never lets anything go.
      for (const stop of ['pause', 'trip', 'bad'] as const)
        expect(['paused', course]).toContain(courseAfter(course, stop) ?? course);
      expect(courseAfter(course, 'pause') ?? course).toBe('paused');
    }),
  );
});
