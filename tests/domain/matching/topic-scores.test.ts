import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCorpus } from '../../../src/domain/matching/corpus.ts';
import { openLearner } from '../../../src/domain/matching/profile.ts';
import { parseQuery } from '../../../src/domain/matching/query.ts';
import { demands, matchesOf, relevanceAt, relevanceOf } from '../../../src/domain/matching/relevance.ts';
import { scoreLike } from '../../../src/domain/matching/like-scores.ts';
import { scoreTopic } from '../../../src/domain/matching/topic-scores.ts';
import { openVocabulary, readTerms } from '../../../src/domain/matching/terms.ts';

/**
 * Six hundred papers: a tenth on robots, with words that go with robots; half of those say "robot", one in sixty says
 * it in passing among other things.
 */
function world(count = 600, learned = count) {
  const vocabulary = openVocabulary();
  const papers = Array.from({ length: count }, (_, n) => {
    const isOfRobots = n % 10 === 0;
    const words = Array.from({ length: 12 }, (__, w) =>
      isOfRobots && w < 6 ? `gripper${(n + w * 7) % 11}` : `other${(n * 31 + w * 17) % 97}`,
    );
    if (isOfRobots && n % 20 === 0) words.push('robot');
    if (n % 60 === 7) words.push('robot');
    return readTerms([...new Set(words)].map((word, at) => `'${word}':${at + 1}C`).join(' '), vocabulary);
  });
  const corpus = openCorpus(papers, learned, vocabulary.size);
  return { vocabulary, corpus, learner: openLearner(corpus), all: Int32Array.from(papers.keys()) };
}

const robot = [{ text: 'robot', query: parseQuery("'robot'")! }];

describe('a topic', () => {
  test('finds papers without its word among those like the ones with it, and ranks those with it in passing lower', () => {
    const { corpus, vocabulary, learner } = world();
    const scores = scoreTopic(corpus, vocabulary, learner, robot);
    const [said, unsaid, inPassing, apart] = [20, 10, 7, 3].map((paper) => relevanceAt(scores, paper));
    expect(said).toBeGreaterThan(inPassing!);
    expect(unsaid).toBeGreaterThan(apart!);
    expect(scores.phrase[10]).toBe(-1);
    expect(scores.phrase[20]).toBe(0);
  });

  test('learns nothing from a phrase that hardly any paper has', () => {
    const { corpus, vocabulary, learner } = world();
    const rare = [{ text: 'unheard', query: parseQuery("'unheard'")! }];
    expect(scoreTopic(corpus, vocabulary, learner, rare).likeness).toBeUndefined();
  });

  test('finds a paper as relevant as it is, whatever else is to be matched beside it', () => {
    const relevances = [501, 600].map((count) => {
      const { corpus, vocabulary, learner } = world(count, 500);
      const scores = scoreTopic(corpus, vocabulary, learner, robot);
      return [10, 20, 7, 500].map((paper) => relevanceAt(scores, paper));
    });
    expect(relevances[0]).toEqual(relevances[1]);
  });

  test('never takes in by likeness what it leaves out', () => {
    const { corpus, vocabulary, learner, all } = world();
    const without = [{ text: 'robot', query: parseQuery("'robot' & !'gripper0'")! }];
    const scores = scoreTopic(corpus, vocabulary, learner, without);
    const has = new Set(
      corpus.having.papers.subarray(
        corpus.having.starts[vocabulary.find('gripper0')!],
        corpus.having.starts[vocabulary.find('gripper0')! + 1],
      ),
    );
    const found = matchesOf(scores, all, { withPhrase: 0, withoutPhrase: 0 }).map(({ paper }) => paper);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((paper) => has.has(paper))).toEqual([]);
  });

  test('takes in by likeness only where enough papers have its phrases', () => {
    const { corpus, vocabulary, learner, all } = world();
    const scores = scoreTopic(corpus, vocabulary, learner, robot);
    const alike = (papersWithPhraseMin: number) =>
      matchesOf(scores, all, { withPhrase: 0, withoutPhrase: 0.1, papersWithPhraseMin }).filter(
        ({ phrase }) => phrase < 0,
      );
    expect(alike(40).length).toBeGreaterThan(0);
    expect(alike(41)).toEqual([]);
  });

  test('in quotes takes in only papers that have the phrase', () => {
    const { corpus, vocabulary, learner, all } = world();
    const found = matchesOf(scoreTopic(corpus, vocabulary, learner, robot), all, demands.exact);
    expect(found.every(({ phrase }) => phrase === 0)).toBe(true);
    expect(found).toHaveLength(40);
  });
});

test('papers like a seed are those of its kind', () => {
  const { corpus, learner, all } = world();
  const { likeness } = scoreLike(corpus, learner, [10], all);
  const best = [...all]
    .filter((n) => n !== 10)
    .toSorted((a, b) => likeness![b]! - likeness![a]!)
    .slice(0, 20);
  expect(best.every((n) => n % 10 === 0)).toBe(true);
});

test('relevance is a chance: between 0 and 1, more with every kind of evidence', () => {
  const evidence = { strength: 2, wording: 0.5, likeness: 0.5 };
  const usual = relevanceOf(evidence);
  expect(usual).toBeGreaterThan(0);
  expect(usual).toBeLessThan(1);
  expect(relevanceOf({ ...evidence, strength: 4 })).toBeGreaterThan(usual);
  expect(relevanceOf({ ...evidence, wording: 1 })).toBeGreaterThan(usual);
  expect(relevanceOf({ ...evidence, likeness: 1 })).toBeGreaterThan(usual);
});

test('no evidence makes a paper less relevant than it was without', () => {
  const amount = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const evidence = fc.record({ strength: amount(40), wording: amount(3), likeness: amount(3) });
  fc.assert(
    fc.property(evidence, amount(5), (some, more) => {
      const usual = relevanceOf(some);
      for (const kind of ['strength', 'wording', 'likeness'] as const) {
        expect(relevanceOf({ ...some, [kind]: some[kind] + more })).toBeGreaterThanOrEqual(usual);
      }
    }),
  );
});
