import { expect, test } from 'vitest';
import { bm25, cosine } from '../../bench/eval/baselines.ts';
import { evalFolder } from '../../bench/eval/data.ts';
import { evaluateQuickly } from '../../bench/eval/evaluation.ts';
import { below, readFloors } from '../../bench/eval/floors.ts';
import { auc, bootstrap, difference, measureAll, ndcgAt } from '../../bench/eval/measures.ts';
import { openCorpus } from '../../src/domain/matching/corpus.ts';
import { parseQuery } from '../../src/domain/matching/query.ts';
import { openVocabulary, readTerms } from '../../src/domain/matching/terms.ts';
import { openTestDatabase } from '../support/database.ts';

if (!evalFolder) console.warn('The recorded evaluation is SKIPPED: there is no ../shared/data/eval here.');

test.skipIf(!evalFolder)(
  'on recorded, labelled papers the matcher is as right as it was: no measure falls below its floor',
  async () => {
    const database = await openTestDatabase();
    try {
      const { figures } = await evaluateQuickly(database.db);
      expect(below(figures, readFloors().quick)).toEqual([]);
    } finally {
      await database.close();
    }
  },
  300_000,
);

test('a measure below its floor, or one that nobody measured, is said in a sentence', () => {
  expect(below({ a: 0.5, b: 0.7 }, { a: 0.6, b: 0.7, c: 0.1 })).toEqual([
    '"a" is 0.500, below its floor of 0.6.',
    '"c" was not measured; its floor is 0.1.',
  ]);
});

test('the measures are those of the textbooks', () => {
  const [scores, labels] = [
    [0.9, 0.8, 0.8, 0.1, 0],
    [1, 0, 1, 0, 1],
  ];
  // Of six pairs three are right, one is a tie and two are wrong.
  expect(auc(scores, labels)).toBeCloseTo(3.5 / 6);
  expect(measureAll(scores, labels).auc).toBeCloseTo(3.5 / 6);
  expect(measureAll(scores, labels).averagePrecision).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3);
  expect(measureAll(scores, labels).precision10).toBeCloseTo(0.3);
  const ideal = 1 + 1 / Math.log2(3) + 0.5;
  expect(ndcgAt(scores, labels, 10)).toBeCloseTo((1 + 0.5 + 1 / Math.log2(6)) / ideal);
  expect(measureAll(scores, labels).ndcg10).toBeCloseTo(ndcgAt(scores, labels, 10));
});

test('an interval holds its value and is the same in every run', () => {
  const measure = (days: readonly number[]) => ({ sum: days.reduce((a, b) => a + b, 0) / days.length });
  const days = [1, 2, 3, 4, 5, 6];
  const { sum } = bootstrap(days, measure, 200);
  expect(sum.value).toBe(3.5);
  expect(sum.low).toBeLessThan(3.5);
  expect(sum.high).toBeGreaterThan(3.5);
  expect(bootstrap(days, measure, 200).sum).toEqual(sum);
});

test('what two systems differ by is told on the same resamplings', () => {
  const days = [1, 2, 3, 4, 5, 6];
  const sum = (factor: number, more: number) =>
    bootstrap(
      days,
      (drawn) => ({ sum: drawn.reduce((a, b) => a + factor * b, 0) / drawn.length + more }),
      200,
    ).sum;
  const alike = difference(sum(1, 0.1), sum(1, 0));
  expect(alike.value).toBeCloseTo(0.1);
  expect(alike.low).toBeCloseTo(0.1);
  expect(alike.high).toBeCloseTo(0.1);
  const unlike = difference(sum(2, -3.5), sum(1, 0));
  expect(unlike.value).toBeCloseTo(0);
  expect(unlike.low).toBeLessThan(0);
  expect(unlike.high).toBeGreaterThan(0);
});

test('the other matchers get every phrase as it was typed, also those that have other spellings', () => {
  const vocabulary = openVocabulary();
  const texts = ["'learn':2A 'reinforc':1A", "'rl':1A", "'other':1A", "'other':1A", "'rl':1A", "'rl':1A"];
  const papers = [...texts, ...texts, ...texts].map((text) => readTerms(text, vocabulary));
  const corpus = openCorpus(papers, papers.length, vocabulary.size);
  const phrase = { text: 'reinforcement learning', query: parseQuery("'reinforc' <-> 'learn' | 'rl'")! };
  for (const matcher of [bm25, cosine]) {
    const [typed, otherwise] = matcher(corpus, vocabulary, [phrase]);
    expect(typed).toBeGreaterThan(0);
    expect(otherwise).toBe(0);
  }
});
