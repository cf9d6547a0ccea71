import { describe, expect, test } from 'vitest';
import { type DaysFacts, tellDays } from '../../src/domain/subscriber-days.ts';

const facts: DaysFacts = {
  from: '2026-03-17',
  to: '2026-03-17',
  events: [],
  status: 'active',
  confirmedOn: '2026-03-01',
  unsubscribedOn: undefined,
  notBefore: null,
  snoozedUntil: null,
  weekdays: 0b1111111,
  nextLocalDate: '2026-03-21',
  missed: new Set(),
  firstDigestOn: undefined,
};
const tell = (given: Partial<DaysFacts>) => {
  const [{ outcome, why } = { outcome: undefined, why: undefined }] = tellDays({ ...facts, ...given });
  return [outcome, why];
};
const event = (name: string, details: object = {}) => ({
  at: '2026-03-17T07:00:00.000Z',
  event: name,
  date: '2026-03-17',
  ...details,
});

describe('why a reader did not get Tuesday’s mail', () => {
  test.each<[Partial<DaysFacts>, string, string | undefined]>([
    [{ weekdays: 0b1111101 }, 'none', 'Tuesday is none of their days.'],
    [{ missed: new Set(['2026-03-17']) }, 'skipped', 'The slot came more than twelve hours late.'],
    [{ confirmedOn: '2026-03-18' }, 'none', 'They were no reader yet.'],
    [{ status: 'unconfirmed', confirmedOn: undefined }, 'none', 'They have not confirmed yet.'],
    [{ status: 'unsubscribed', unsubscribedOn: '2026-03-16' }, 'none', 'They had left.'],
    [{ snoozedUntil: '2026-03-20' }, 'none', 'They snoozed until 2026-03-20.'],
    [{ notBefore: '2026-03-18' }, 'none', 'Their slot begins on 2026-03-18.'],
    [{ nextLocalDate: '2026-03-17' }, 'due', 'It is still to come.'],
    [{ firstDigestOn: '2026-03-17' }, 'accepted', 'It came with the welcome.'],
    [{}, 'none', 'No digest was planned; they may have changed their days or time.'],
    [
      { events: [event('skipped', { reason: 'nothing_new' })] },
      'skipped',
      'No paper of their topics that they had not seen.',
    ],
    [{ events: [event('composed', { papers: 3 })] }, 'waiting', 'Composed, and not yet accepted.'],
    [{ events: [event('composed'), event('accepted'), event('delivered')] }, 'delivered', undefined],
    [
      { events: [event('accepted'), event('bounced', { class: 'hard' })] },
      'bounced',
      'Hard: the address is no more.',
    ],
  ])('%j', (given, outcome, why) => {
    expect(tell(given)).toEqual([outcome, why]);
  });

  test('the gravest thing is told, whatever came after it', () => {
    const events = [
      event('accepted'),
      event('complained'),
      event('bounced', { class: 'soft' }),
      event('delivered'),
    ];
    expect(tell({ events })[0]).toBe('complained');
  });

  test('only the unknown needs a hand', () => {
    for (const name of ['accepted', 'delivered', 'bounced', 'skipped', 'failed', 'unknown']) {
      const [day] = tellDays({ ...facts, events: [event(name)] });
      expect(day!.needsHand).toBe(name === 'unknown');
    }
  });
});

test('every date is told once, the newest first', () => {
  const dates = tellDays({ ...facts, from: '2026-02-26', to: '2026-03-02' }).map(({ date }) => date);
  expect(dates).toEqual(['2026-03-02', '2026-03-01', '2026-02-28', '2026-02-27', '2026-02-26']);
});
