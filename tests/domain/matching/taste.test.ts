import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCorpus } from '../../../src/domain/matching/corpus.ts';
import { openLearner } from '../../../src/domain/matching/profile.ts';
import { blend, scoreTaste, tasteShare } from '../../../src/domain/matching/taste.ts';
import { openVocabulary, readTerms } from '../../../src/domain/matching/terms.ts';

/** Sixty papers of three kinds, each with words of its kind and some of its own. */
function threeKinds() {
  const vocabulary = openVocabulary();
  const papers = Array.from({ length: 60 }, (_, n) => {
    const words = Array.from({ length: 6 }, (__, w) => `k${n % 3}w${(n + w) % 9}`);
    const own = [`own${n % 7}`, 'common'];
    return readTerms(
      [...new Set([...words, ...own])].map((word, at) => `'${word}':${at + 1}C`).join(' '),
      vocabulary,
    );
  });
  const corpus = openCorpus(papers, papers.length, vocabulary.size);
  return { corpus, learner: openLearner(corpus), all: Int32Array.from(papers.keys()) };
}

test('papers of the kind that was liked suit the taste more than all others', () => {
  const { corpus, learner, all } = threeKinds();
  const taste = scoreTaste(corpus, learner, { more: [0, 3], less: [] }, all)!;
  const same = [...all].filter((n) => n % 3 === 0 && n > 3);
  const others = [...all].filter((n) => n % 3 !== 0);
  expect(Math.min(...same.map((n) => taste[n]!))).toBeGreaterThan(Math.max(...others.map((n) => taste[n]!)));
});

test('what was refused draws papers alike to it down', () => {
  const { corpus, learner, all } = threeKinds();
  const before = scoreTaste(corpus, learner, { more: [0, 1], less: [] }, all)!;
  const after = scoreTaste(corpus, learner, { more: [0, 1], less: [4] }, all)!;
  expect(after[7]!).toBeLessThan(before[7]!);
  expect(after[6]!).toBeCloseTo(before[6]!, 1);
});

test('nobody has a taste who liked nothing', () => {
  const { corpus, learner, all } = threeKinds();
  expect(scoreTaste(corpus, learner, { more: [], less: [1] }, all)).toBeUndefined();
});

test('taste counts more with every like, and never more than three fifths', () => {
  expect(tasteShare(0)).toBe(0);
  expect(tasteShare(15)).toBeCloseTo(0.5);
  for (let likes = 0; likes < 500; likes++) {
    expect(tasteShare(likes + 1)).toBeGreaterThan(tasteShare(likes));
    expect(tasteShare(likes + 1)).toBeLessThan(0.6);
  }
});

test('a blend lies between topic and taste, and without a share is the topic', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(chance, chance, fc.double({ min: 0, max: 0.6, noNaN: true }), (topic, taste, share) => {
      const blended = blend(topic, taste, share);
      expect(blended).toBeGreaterThanOrEqual(Math.min(topic, taste) - 1e-5);
      expect(blended).toBeLessThanOrEqual(Math.max(topic, taste) + 1e-5);
      expect(blend(topic, taste, 0)).toBeCloseTo(topic, 5);
    }),
  );
});
