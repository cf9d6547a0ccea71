import { describe, expect, test } from 'vitest';

import { daysDue, type DayKnown, quietDay } from '../../src/pipeline/reading-times.ts';

const due = (
  source: string,
  now: string,
  known: Record<string, [DayKnown['state'], string]> = {},
): string[] =>
  daysDue(
    source,
    new Date(`${now}Z`),
    new Map(Object.entries(known).map(([day, [state, at]]) => [day, { state, readAt: new Date(`${at}Z`) }])),
  );
const older = {
  '2026-09-22': ['complete', '2026-09-23T06:00'],
  '2026-09-21': ['complete', '2026-09-22T06:00'],
} as const;
const done: Record<string, [DayKnown['state'], string]> = {
  '2026-09-22': [...older['2026-09-22']],
  '2026-09-21': [...older['2026-09-21']],
};

describe('lists that grow through their day', () => {
  test('are read from the day before to those an outage left open', () => {
    expect(due('huggingface', '2026-09-24T10:00')).toEqual([
      '2026-09-23',
      '2026-09-24',
      '2026-09-22',
      '2026-09-21',
    ]);
  });

  test('today is read every three hours, the day before again at 00:30 and at 06:00', () => {
    const midnight = {
      ...done,
      '2026-09-23': ['complete', '2026-09-24T00:05'] as [DayKnown['state'], string],
    };
    const today = (at: string) => ({
      '2026-09-24': ['partial', `2026-09-24T${at}`] as [DayKnown['state'], string],
    });
    expect(due('huggingface', '2026-09-24T00:20', { ...midnight, ...today('00:05') })).toEqual([]);
    expect(due('huggingface', '2026-09-24T00:35', { ...midnight, ...today('00:05') })).toEqual([
      '2026-09-23',
    ]);
    const late = {
      ...midnight,
      '2026-09-23': ['complete', '2026-09-24T00:35'] as [DayKnown['state'], string],
    };
    expect(due('huggingface', '2026-09-24T03:05', { ...late, ...today('00:05') })).toEqual(['2026-09-24']);
    expect(due('huggingface', '2026-09-24T05:35', { ...late, ...today('03:05') })).toEqual([]);
    expect(due('huggingface', '2026-09-24T06:05', { ...late, ...today('03:05') })).toEqual([
      '2026-09-23',
      '2026-09-24',
    ]);
  });

  test('one that failed, or is not complete, is tried again each time', () => {
    const failed = { ...done, '2026-09-23': ['partial', '2026-09-23T21:00'] as [DayKnown['state'], string] };
    const now = { ...failed, '2026-09-24': ['failed', '2026-09-24T10:00'] as [DayKnown['state'], string] };
    expect(due('huggingface', '2026-09-24T10:30', now)).toEqual(['2026-09-23', '2026-09-24']);
  });
});

describe('the announcement', () => {
  const arxiv = 'arxiv:cs.LG';
  const earlier: Record<string, [DayKnown['state'], string]> = {
    ...done,
    '2026-09-23': ['complete', '2026-09-23T08:00'],
    '2026-09-04': ['complete', '2026-09-04T08:00'],
  };
  const read = (state: DayKnown['state'], at: string) => ({
    ...earlier,
    '2026-09-24': [state, at] as [DayKnown['state'], string],
  });

  test('is read when the feed has surely been rebuilt, and looked at again at 08:00', () => {
    // Before New York's midnight the feed is still the day before's: a last chance for that.
    expect(due(arxiv, '2026-09-24T03:00')).toEqual(['2026-09-23']);
    expect(due(arxiv, '2026-09-24T04:30', earlier)).toEqual([]);
    expect(due(arxiv, '2026-09-24T05:30', earlier)).toEqual(['2026-09-24']);
    expect(due(arxiv, '2026-09-24T06:00', read('complete', '2026-09-24T05:30'))).toEqual([]);
    expect(due(arxiv, '2026-09-24T08:10', read('complete', '2026-09-24T05:30'))).toEqual(['2026-09-24']);
    expect(due(arxiv, '2026-09-24T08:40', read('complete', '2026-09-24T08:10'))).toEqual([]);
    expect(due(arxiv, '2026-09-25T03:00', read('complete', '2026-09-24T08:10'))).toEqual([]);
  });

  test.each(['stale', 'failed', 'partial'] as const)(
    'that is %s is tried again each time, and the day after where the query API has it, until that answered',
    (state) => {
      expect(due(arxiv, '2026-09-24T06:00', read(state, '2026-09-24T05:30'))).toEqual(['2026-09-24']);
      expect(due(arxiv, '2026-09-25T03:30', read(state, '2026-09-24T05:30'))).toEqual(['2026-09-24']);
      expect(due(arxiv, '2026-09-25T05:30', read(state, '2026-09-24T05:30'))).toEqual([
        '2026-09-25',
        '2026-09-24',
      ]);
      // Never in the hours after the announcement, when the query API refuses nearly everybody.
      expect(due(arxiv, '2026-09-25T00:30', read(state, '2026-09-24T05:30'))).toEqual(['2026-09-24']);
      const again = { ...read(state, '2026-09-25T05:31'), '2026-09-25': earlier['2026-09-23']! };
      expect(due(arxiv, '2026-09-25T06:00', again)).toEqual(state === 'failed' ? ['2026-09-24'] : []);
    },
  );

  test('that an outage missed is asked for afterwards, three days back', () => {
    expect(due(arxiv, '2026-09-24T05:30')).toEqual(['2026-09-24', '2026-09-23', '2026-09-22', '2026-09-21']);
    expect(due(arxiv, '2026-09-27T10:00')).toEqual(['2026-09-25', '2026-09-24']);
  });

  test('of a weekend is not asked for, and of a holiday twice', () => {
    const friday = { '2026-09-25': earlier['2026-09-23']! };
    expect(due(arxiv, '2026-09-26T10:00', { ...read('complete', '2026-09-24T08:10'), ...friday })).toEqual(
      [],
    );
    expect(quietDay(arxiv, new Date('2026-09-26T10:00Z'))).toMatchObject({
      day: '2026-09-26',
      state: 'holiday',
    });
    expect(quietDay(arxiv, new Date('2026-09-24T10:00Z'))).toBeUndefined();
    expect(quietDay('huggingface', new Date('2026-09-26T10:00Z'))).toBeUndefined();
    const holiday = {
      ...earlier,
      '2026-09-08': ['holiday', '2026-09-08T05:30'] as [DayKnown['state'], string],
    };
    expect(due(arxiv, '2026-09-08T06:30', holiday)).toEqual([]);
    expect(due(arxiv, '2026-09-08T08:30', holiday)).toEqual(['2026-09-08']);
  });
});
