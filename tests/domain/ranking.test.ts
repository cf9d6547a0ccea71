import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseScore,
  buildIndex,
  type Choice,
  choose,
  freshnessOf,
  type IndexedMatch,
  type IndexedPaper,
  spread,
  tasteBounds,
  tasteWeight,
  trendOf,
  type Wish,
} from '../../src/domain/ranking.ts';

interface Case {
  papers: IndexedPaper[];
  matches: IndexedMatch[];
  wish: Wish;
}

/** Every choice looks at every pair again: slow, and easy to see through. */
function naiveChoice({ papers, matches, wish }: Case): Choice[] {
  const weights = new Map(wish.topics.map(({ topicId, weight }) => [topicId, weight]));
  const chosen: Choice[] = [];
  while (chosen.length < wish.amount) {
    const pairs = matches
      .filter(({ topicId }) => weights.has(topicId))
      .flatMap((match) => {
        const paper = papers.find(({ id }) => id === match.paperId);
        const isGone = chosen.some(({ paperId }) => paperId === match.paperId);
        if (!paper || isGone || wish.unwanted.has(paper.id)) return [];
        const { topicId, paperId } = match;
        return [{ topicId, paperId, score: baseScore(paper, match) * weights.get(topicId)! }];
      })
      .toSorted((a, b) => b.score - a.score || a.paperId - b.paperId || a.topicId - b.topicId);
    if (!pairs[0]) break;
    chosen.push(pairs[0]);
    weights.set(pairs[0].topicId, weights.get(pairs[0].topicId)! * spread);
  }
  return chosen;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  papers: fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      ageDays: fc.nat({ max: 14 }),
      votes: fc.nat({ max: 300 }),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  ),
  matches: fc.uniqueArray(
    fc.record({
      topicId: fc.integer({ min: 0, max: 4 }),
      paperId: fc.integer({ min: 1, max: 13 }),
      // Few values, so that ties are common.
      relevance: fc.constantFrom(0.1, 0.25, 0.5, 0.5, 1),
      inTitle: fc.boolean(),
    }),
    { selector: ({ topicId, paperId }) => `${topicId} ${paperId}`, maxLength: 40 },
  ),
  wish: fc.record({
    topics: fc.uniqueArray(
      fc.record({ topicId: fc.integer({ min: 0, max: 6 }), weight: fc.constantFrom(0.5, 1, 1, 1.3, 1.5) }),
      { selector: ({ topicId }) => topicId },
    ),
    unwanted: fc.uniqueArray(fc.integer({ min: 1, max: 13 })).map((ids) => new Set(ids)),
    amount: fc.nat({ max: 14 }),
  }),
});

const chooseFrom = ({ papers, matches, wish }: Case) => choose(buildIndex(papers, matches), wish);

describe('choosing', () => {
  test('gives what a naive greedy choice gives: set, order, topic and score', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        expect(chooseFrom(one)).toEqual(naiveChoice(one));
      }),
      { numRuns: 3000 },
    );
  });

  test('gives as many as are wanted and eligible, each once, never an unwanted one', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { papers, matches, wish } = one;
        const followed = new Set(wish.topics.map(({ topicId }) => topicId));
        const eligible = papers.filter(
          ({ id }) =>
            !wish.unwanted.has(id) &&
            matches.some(({ topicId, paperId }) => paperId === id && followed.has(topicId)),
        );
        const ids = chooseFrom(one).map(({ paperId }) => paperId);
        expect(ids.length).toBe(Math.min(wish.amount, eligible.length));
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(eligible.some((paper) => paper.id === id)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('does not depend on the order in which papers, matches and topics came', () => {
    const shuffled = anyCase.chain((one) =>
      fc.record({
        one: fc.constant(one),
        other: fc.record({
          papers: fc.shuffledSubarray(one.papers, { minLength: one.papers.length }),
          matches: fc.shuffledSubarray(one.matches, { minLength: one.matches.length }),
          wish: fc
            .shuffledSubarray([...one.wish.topics], { minLength: one.wish.topics.length })
            .map((topics) => ({ ...one.wish, topics })),
        }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ one, other }) => {
        expect(chooseFrom(other)).toEqual(chooseFrom(one));
      }),
      { numRuns: 500 },
    );
  });

  test('changes neither the index nor the wish: the next reader chooses from the same', () => {
    fc.assert(
      fc.property(anyCase, ({ papers, matches, wish }) => {
        const index = buildIndex(papers, matches);
        const first = choose(index, wish);
        expect(choose(index, wish)).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

test('a small topic is seen beside a huge one', () => {
  const papers = Array.from({ length: 60 }, (_, id) => ({ id: id + 1, ageDays: 1, votes: 50 }));
  const huge = papers.slice(0, 58).map(({ id }) => match(1, id, 0.9));
  const small = papers.slice(58).map(({ id }) => match(2, id, 0.4));
  const chosen = choose(buildIndex(papers, [...huge, ...small]), wishFor([1, 2], 7));
  const topics = chosen.map(({ topicId }) => topicId);
  expect(topics.filter((topic) => topic === 2).length).toBe(2);
  expect(topics[0]).toBe(1);
});

test('a paper of two followed topics comes once, under the one it suits better', () => {
  const papers = [{ id: 5, ageDays: 0, votes: 10 }];
  const chosen = choose(buildIndex(papers, [match(1, 5, 0.3), match(2, 5, 0.6)]), wishFor([1, 2], 7));
  expect(chosen.map(({ paperId, topicId }) => [paperId, topicId])).toEqual([[5, 2]]);
});

test('equal papers come in the order of their ids', () => {
  const papers = [9, 3, 7].map((id) => ({ id, ageDays: 2, votes: 4 }));
  const chosen = choose(
    buildIndex(
      papers,
      papers.map(({ id }) => match(1, id, 0.5)),
    ),
    wishFor([1], 3),
  );
  expect(chosen.map(({ paperId }) => paperId)).toEqual([3, 7, 9]);
});

describe('the parts of a score', () => {
  test('votes raise the trend, age lowers the freshness, and early votes say more', () => {
    const paper = (ageDays: number, votes: number) => ({ id: 1, ageDays, votes });
    expect(trendOf(paper(0, 20))).toBeGreaterThan(trendOf(paper(0, 10)));
    expect(trendOf(paper(0, 20))).toBeGreaterThan(trendOf(paper(3, 20)));
    expect(freshnessOf(paper(0, 0))).toBeGreaterThan(freshnessOf(paper(1, 0)));
    expect(trendOf(paper(0, 0))).toBe(1);
  });

  test('are finite and above zero whatever a source reports', () => {
    fc.assert(
      fc.property(fc.nat({ max: 14 }), fc.integer({ min: -1000, max: 2 ** 31 - 1 }), (ageDays, votes) => {
        const score = baseScore({ id: 1, ageDays, votes }, match(1, 1, 0.01));
        expect(Number.isFinite(score) && score > 0).toBe(true);
      }),
    );
  });
});

test('taste moves a topic within bounds, more upwards and less downwards', () => {
  expect(tasteWeight(0, 0)).toBe(1);
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), (more, less) => {
      const weight = tasteWeight(more, less);
      expect(weight).toBeGreaterThanOrEqual(tasteBounds.least);
      expect(weight).toBeLessThanOrEqual(tasteBounds.most);
      expect(tasteWeight(more + 1, less)).toBeGreaterThanOrEqual(weight);
      expect(tasteWeight(more, less + 1)).toBeLessThanOrEqual(weight);
    }),
  );
});

function match(topicId: number, paperId: number, relevance: number): IndexedMatch {
  return { topicId, paperId, relevance, inTitle: false };
}

function wishFor(topicIds: number[], amount: number): Wish {
  return { topics: topicIds.map((topicId) => ({ topicId, weight: 1 })), unwanted: new Set(), amount };
}
