import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCorpus } from '../../../src/domain/matching/corpus.ts';
import { openLearner } from '../../../src/domain/matching/profile.ts';
import { parseQuery } from '../../../src/domain/matching/query.ts';
import { matchesOf, relevanceAt } from '../../../src/domain/matching/relevance.ts';
import { openVocabulary, readTerms } from '../../../src/domain/matching/terms.ts';
import { scoreTopic } from '../../../src/domain/matching/topic-scores.ts';

function corpusOf(texts: readonly string[], learned = texts.length) {
  const vocabulary = openVocabulary();
  const papers = texts.map((text) =>
    readTerms([...new Set(text.split(' '))].map((word, at) => `'${word}':${at + 1}C`).join(' '), vocabulary),
  );
  return { corpus: openCorpus(papers, learned, vocabulary.size), vocabulary };
}

/** The likeness of two papers, counted the plain way. */
function cosine({ papers, vectors, rarity }: ReturnType<typeof openCorpus>, a: number, b: number): number {
  let sum = 0;
  for (const [n, term] of papers[a]!.terms.entries()) {
    const at = papers[b]!.terms.indexOf(term);
    if (at >= 0 && rarity[term]! >= 1) sum += vectors[a]![n]! * vectors[b]![at]!;
  }
  return sum;
}

test('the nearest are the thirty most alike of those learned from, nearest first, never the paper itself', () => {
  const word = fc.integer({ min: 0, max: 40 }).map((n) => `w${n}`);
  const texts = fc.array(
    fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
    { minLength: 40, maxLength: 70 },
  );
  fc.assert(
    fc.property(texts, fc.nat(39), (some, paper) => {
      const { corpus } = corpusOf(some, 38);
      const { papers, weights } = corpus.nearestTo(paper);
      const alike = Array.from({ length: 38 }, (_, other) =>
        other === paper ? 0 : cosine(corpus, paper, other),
      );
      const best = alike
        .filter((one) => one > 1e-9)
        .toSorted((a, b) => b - a)
        .slice(0, 30);
      expect(papers).not.toContain(paper);
      expect(papers).toHaveLength(best.length);
      for (const [n, other] of papers.entries()) expect(alike[other]).toBeCloseTo(best[n]!, 5);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      expect(sum).toBeCloseTo(papers.length === 0 ? 0 : 1, 9);
    }),
    { numRuns: 50 },
  );
});

/** Six hundred papers of twenty kinds; "robot" is said by most of one kind, and by one paper of another. */
function world() {
  const texts = Array.from({ length: 600 }, (_, n) => {
    const kind = n % 20;
    const words = Array.from({ length: 8 }, (__, w) => `k${kind}w${(n + w * 5) % 13}`);
    if ((kind === 0 && n % 60 !== 0) || n === 7) words.push('robot');
    return words.join(' ');
  });
  const { corpus, vocabulary } = corpusOf(texts);
  const robot = [{ text: 'robot', query: parseQuery("'robot'")! }];
  return { corpus, scores: scoreTopic(corpus, vocabulary, openLearner(corpus), robot) };
}

test('of two papers that say the same, the one among papers of the topic is more of it', () => {
  const { scores } = world();
  expect(scores.strength[7]).toBe(scores.strength[20]);
  expect(relevanceAt(scores, 20)).toBeGreaterThan(relevanceAt(scores, 7));
});

test('a paper that says nothing for itself is no match, whatever is near to it', () => {
  const { corpus, scores } = world();
  const all = Int32Array.from(corpus.papers.keys());
  const lonely = { ...scores, likeness: scores.likeness!.map((one, n) => (n === 60 ? -1 : one)) };
  const found = matchesOf(lonely, all, { withPhrase: 0, withoutPhrase: 0 }).map(({ paper }) => paper);
  expect(found).not.toContain(60);
  expect(matchesOf(scores, all, { withPhrase: 0, withoutPhrase: 0 }).map(({ paper }) => paper)).toContain(60);
});
