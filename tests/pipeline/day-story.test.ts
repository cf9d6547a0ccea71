import { expect, test } from 'vitest';
import { type DayFacts, tellDay } from '../../src/pipeline/day-story.ts';

const quiet: DayFacts = {
  ledger: {
    date: '2026-03-20',
    audience: 9620,
    pending: 0,
    accepted: 9412,
    skipped: { nothing_new: 20 },
    failed: {},
    unknown: 0,
    closed: true,
  },
  outcomes: { delivered: 8951, bounced: 3, complained: 0 },
  gate: {
    haltedAt: null,
    parkedUntil: null,
    reason: null,
    perSecond: null,
    hasMoved: false,
  },
  standing: {
    unprocessedEvents: 0,
    oldestEventS: null,
    waitingNotices: 0,
    tickAgeS: 20,
  },
  hasPapers: true,
};

test('a quiet day is one sentence, and needs nobody', () => {
  expect(tellDay(quiet)).toEqual({
    sentence: 'Friday’s edition: 9,412 of 9,600 accepted, 8,951 delivered, 3 bounced, 20 skipped.',
    needs: [],
  });
});

test('before the first edition it says when there will be one', () => {
  expect(tellDay({ ...quiet, ledger: undefined }).sentence).toBe(
    'No edition yet. The first comes when a reader is due.',
  );
});

test('an edition that has only begun in the east is counted too, so that all mails are accounted for', () => {
  const ahead = [
    { ...quiet.ledger!, date: '2026-03-21', audience: 5, accepted: 4, skipped: { nothing_new: 1 } },
  ];
  expect(tellDay({ ...quiet, ahead }).sentence).toBe(
    'Friday’s edition: 9,412 of 9,600 accepted, 8,951 delivered, 3 bounced, 20 skipped. Saturday’s has begun further east: 4 of 4 accepted.',
  );
});

test('what is on the way is said', () => {
  const ledger = { ...quiet.ledger!, pending: 188 };
  expect(tellDay({ ...quiet, ledger }).sentence).toContain('188 on the way');
});

test.each<[string, Partial<DayFacts>]>([
  ['All mail is halted: a bad key.', { gate: { ...quiet.gate, haltedAt: new Date(), reason: 'a bad key' } }],
  [
    'Mail is parked until 2026-03-21 00:00 UTC: daily_quota_exceeded.',
    {
      gate: {
        haltedAt: null,
        parkedUntil: new Date('2026-03-21T00:00:00Z'),
        reason: 'daily_quota_exceeded',
        perSecond: null,
        hasMoved: false,
      },
    },
  ],
  ['No scheduler has run yet.', { standing: { ...quiet.standing, tickAgeS: null } }],
  ['The scheduler last ticked 10 minutes ago.', { standing: { ...quiet.standing, tickAgeS: 600 } }],
  ['Yesterday’s list of papers could not be read.', { hasPapers: false }],
  ['100 failed.', { ledger: { ...quiet.ledger!, failed: { refused: 100 } } }],
  [
    'It is unknown whether 100 left; none of them is sent again by itself.',
    { ledger: { ...quiet.ledger!, unknown: 100 } },
  ],
  ['2 complained.', { outcomes: { ...quiet.outcomes, complained: 2 } }],
  [
    '7 webhook events wait to be worked off.',
    { standing: { ...quiet.standing, unprocessedEvents: 7, oldestEventS: 900 } },
  ],
])('it needs a hand: %s', (need, facts) => {
  expect(tellDay({ ...quiet, ...facts }).needs).toEqual([need]);
});

test('what is only told stands in the sentence, and needs nobody', () => {
  const { sentence, needs } = tellDay({ ...quiet, aside: 'The sample edition stands in.' });
  expect([sentence.endsWith('. The sample edition stands in.'), needs]).toEqual([true, []]);
});

test('a list that failed or is out of date is something to look at', () => {
  const listTroubles = [
    'arXiv: the list of Thursday is not the current one (arXiv still served the list of Wednesday).',
  ];
  expect(tellDay({ ...quiet, listTroubles }).needs).toEqual(listTroubles);
});
