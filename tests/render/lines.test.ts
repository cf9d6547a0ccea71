import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiHtml, escapeHtml } from '../../src/render/freeze.ts';
import { daylineOf, isPlainPair, slotLineOf, topicName, whyLine, whyRest } from '../../src/render/lines.ts';
import { metaLine } from '../../src/render/meta.ts';
import { wrap } from '../../src/render/wrap.ts';
import { anyReason } from '../support/arbitrary-paper.ts';

const topic = (name: string, inTitle = false) => ({ name, inTitle });

test.each([
  ['one topic found in the title', [topic('Video generation', true)], 'Video generation · in the title'],
  ['one topic', [topic('Surveys')], 'Surveys'],
  ['several topics', [topic('Robotics'), topic('Flow matching')], 'Robotics · Flow matching'],
  [
    '"in the title" is said of all or none',
    [topic('Robotics', true), topic('Flow matching')],
    'Robotics · Flow matching',
  ],
  [
    'people, houses and categories as one says it; no mail program makes a link of them',
    [topic('author: Yann LeCun'), topic('org: DeepMind'), topic('category: cs.RO')],
    'by Yann LeCun · from DeepMind · in cs.\u2060RO',
  ],
  ['at most three topics', ['A', 'B', 'C', 'D'].map((name) => topic(name)), 'A · B · C'],
  [
    'a paper that the reader liked',
    [{ ...topic('Flow Maps'), liked: true }],
    'Because you liked “Flow Maps”',
  ],
  ['nothing to say', [], 'From the day’s list'],
])('why: %s', (_claim, reasons, expected) => {
  expect(whyLine(reasons, 240)).toBe(expected);
});

test('a why line keeps to its bytes for any reasons', () => {
  fc.assert(
    fc.property(fc.array(anyReason, { maxLength: 5 }), (reasons) => {
      const line = whyLine(reasons, 240);
      expect(asciiHtml(escapeHtml(line)).length).toBeLessThanOrEqual(240);
      expect(line).not.toBe('');
    }),
  );
});

test('the line of a plain pair is that of the first topic alone, and the rest of the second', () => {
  let plain = 0;
  fc.assert(
    fc.property(anyReason, anyReason, (first, second) => {
      if (!isPlainPair(first, second)) return;
      plain++;
      const line = whyLine([first, second], 240);
      const rest = whyRest(second.name, first.inTitle && second.inTitle);
      expect(whyLine([{ ...first, inTitle: false }], 240) + rest).toBe(line);
      expect(wrap(line)).toBe(line);
    }),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(10);
});

test.each([
  ['Robotics', 'Flow matching', true, 'two short names'],
  ['x'.repeat(28), 'x'.repeat(28), true, 'two that just fit in a line'],
  ['x'.repeat(28), 'x'.repeat(29), false, 'two that may be broken'],
  ['category: cs.RO', 'Robotics', false, 'said in other words'],
  ['Robotics', 'cs.RO', false, 'of which a mail program would make a link'],
  ['R&D', 'Robotics', false, 'escaped in HTML'],
  ['Robotics', ' Flow  matching', false, 'not tidied'],
])('%j and %j are a plain pair: %s (%s)', (first, second, isPlain) => {
  expect(isPlainPair(topic(first), topic(second))).toBe(isPlain);
});

test('a liked paper is no half of a plain pair', () => {
  const liked = { ...topic('Robotics'), liked: true };
  expect(isPlainPair(liked, topic('Robotics'))).toBe(false);
  expect(isPlainPair(topic('Robotics'), liked)).toBe(false);
});

test.each([
  [{ papers: 5, chosenFrom: 87, partial: false }, 'Friday, 12 December · 5 papers for you, chosen from 87'],
  [
    { papers: 1, chosenFrom: 1204, partial: false },
    'Friday, 12 December · 1 paper for you, chosen from 1,204',
  ],
  [
    {
      papers: 2,
      chosenFrom: 60,
      partial: false,
      lacking: [
        { source: 'arxiv:cs.LG', state: 'holiday' as const },
        { source: 'arxiv:cs.CV', state: 'holiday' as const },
        { source: 'huggingface', state: 'failed' as const },
      ],
    },
    'Friday, 12 December · 2 papers for you, chosen from 60 (arXiv had no list; Hugging Face could not be read)',
  ],
  [
    { papers: 3, chosenFrom: 40, partial: true },
    'Friday, 12 December · 3 papers for you, chosen from 40 (the day’s list was not complete)',
  ],
])('dayline: %o', (day, expected) => {
  expect(daylineOf({ localDate: '2025-12-12', ...day })).toBe(expected);
});

test.each([
  ['Europe/Paris', 7, 0b1111111, 'at 07:00 in Paris'],
  ['America/Argentina/Buenos_Aires', 18, 0b0011111, 'at 18:00 in Buenos Aires on weekdays'],
  ['Asia/Tokyo', 0, 0b1100000, 'at 00:00 in Tokyo at weekends'],
  ['Asia/Kolkata', 7, 0b0010101, 'at 07:00 in Kolkata on Mondays, Wednesdays and Fridays'],
  ['Africa/Cairo', 7, 0b0111111, 'at 07:00 in Cairo on every day but Sunday'],
  ['Europe/Berlin', 7, 0b0000001, 'at 07:00 in Berlin on Mondays'],
  ['UTC', 7, 127, 'at 07:00 UTC'],
  ['Etc/UTC', 7, 127, 'at 07:00 UTC'],
  ['Etc/GMT+5', 7, 127, 'at 07:00 UTC−5'],
  ['EST5EDT', 7, 127, 'at 07:00 EST5EDT time'],
  ['Japan', 7, 127, 'at 07:00 in Japan'],
])('slot: %s at %i on %i', (timeZone, sendHour, weekdays, expected) => {
  expect(slotLineOf({ timeZone, sendHour, weekdays })).toBe(expected);
});

test('a topic’s name is cleaned and cut', () => {
  expect(topicName('\u202Eflow\nmatching')).toBe('flow matching');
  expect(Array.from(topicName('long '.repeat(40))).length).toBeLessThanOrEqual(70);
});

const paper = {
  authors: ['Ada Lovelace', 'Alan Turing', 'Grace Hopper'],
  authorsCount: 6,
  organization: null,
  publishedAt: new Date('2025-11-25T00:00:00Z'),
  votes: 41,
  comments: 2,
};

test.each([
  ['the organisation first', { organization: 'Apple' }, 'Apple · 25 November · ▲ 41 · 2 comments'],
  ['else how many authors', {}, '6 authors · 25 November · ▲ 41 · 2 comments'],
  [
    'names when there are two',
    { authors: ['Ada Lovelace', 'Alan Turing'], authorsCount: 2 },
    'Ada Lovelace and Alan Turing · 25 November · ▲ 41 · 2 comments',
  ],
  [
    'a name when there is one',
    { authors: ['Ada Lovelace'], authorsCount: 1 },
    'Ada Lovelace · 25 November · ▲ 41 · 2 comments',
  ],
  ['no votes, no comments: no zeros', { votes: 0, comments: 0 }, '6 authors · 25 November'],
  ['one comment', { comments: 1 }, '6 authors · 25 November · ▲ 41 · 1 comment'],
  ['thousands are set apart', { votes: 12345 }, '6 authors · 25 November · ▲ 12,345 · 2 comments'],
  ['nothing known', { authors: [], authorsCount: 0, publishedAt: null, votes: 0, comments: 0 }, ''],
])('meta: %s', (_claim, facts, expected) => {
  expect(metaLine({ ...paper, ...facts })).toBe(expected);
});

test('meta: a paper from long before the edition shows its year', () => {
  expect(metaLine(paper, '2025-12-12')).toContain('25 November ·');
  expect(metaLine(paper, '2026-11-12')).toContain('25 November 2025 ·');
});
