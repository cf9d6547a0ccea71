import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  appealOf,
  featuredLift,
  freshnessOf,
  type IndexedPaper,
  risingOf,
  trendOf,
} from '../../src/domain/appeal.ts';
import {
  buildIndex,
  type Choice,
  choose,
  spread,
  tasteBounds,
  tasteTopicId,
  tasteWeight,
  type Wish,
} from '../../src/domain/ranking.ts';
import type { IndexedMatch } from '../../src/domain/topic-column.ts';

interface Case {
  papers: IndexedPaper[];
  matches: IndexedMatch[];
  wish: Wish;
}

/** Every choice looks at every pair again: slow, and easy to see through. */
function naiveChoice({ papers, matches, wish }: Case): Choice[] {
  const weights = new Map(wish.topics.map(({ topicId, weight }) => [topicId, weight]));
  const chosen: Choice[] = [];
  const paperOf = (id: number) => papers.find((paper) => paper.id === id)!;
  for (const isHolding of [true, false]) {
    while (chosen.length < wish.amount) {
      const pairs = matches
        .filter(({ topicId, paperId }) => weights.has(topicId) && papers.some(({ id }) => id === paperId))
        .filter(({ paperId }) => !isOut(paperOf(paperId), isHolding))
        .map((match) => {
          const { topicId, paperId, relevance } = match;
          const paper = paperOf(paperId);
          const score = relevance * (trendOf(paper) * freshnessOf(paper)) * weights.get(topicId)!;
          return { topicId, paperId, score };
        })
        .toSorted((a, b) => b.score - a.score || a.paperId - b.paperId || a.topicId - b.topicId);
      if (!pairs[0]) break;
      chosen.push(pairs[0]);
      weights.set(pairs[0].topicId, weights.get(pairs[0].topicId)! * spread);
    }
  }
  return chosen;

  function isOut(paper: IndexedPaper, isHolding: boolean): boolean {
    const before = chosen.map(({ paperId }) => paperOf(paperId));
    if (wish.unwanted.has(paper.id) || before.includes(paper)) return true;
    if (paper.twins !== undefined && before.some(({ twins }) => twins === paper.twins)) return true;
    if (!isHolding) return false;
    const isByBusyAuthor = (paper.authors ?? []).some(
      (author) => before.filter(({ authors = [] }) => authors.includes(author)).length >= 2,
    );
    const ofOrganization = before.filter(({ organization }) => organization === paper.organization).length;
    return (
      isByBusyAuthor ||
      (paper.organization !== undefined && ofOrganization >= Math.max(2, Math.ceil(wish.amount * 0.4)))
    );
  }
}

const optional = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  ({ [key]: fc.option(value, { nil: undefined }) }) as Record<K, fc.Arbitrary<T | undefined>>;

function dropUndefined(paper: Record<string, unknown>): IndexedPaper {
  return Object.fromEntries(
    Object.entries(paper).filter(([, value]) => value !== undefined),
  ) as unknown as IndexedPaper;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  papers: fc.uniqueArray(
    fc
      .record({
        id: fc.integer({ min: 1, max: 12 }),
        ageDays: fc.nat({ max: 14 }),
        votes: fc.nat({ max: 300 }),
        authors: fc.subarray(['ada', 'kenji', 'lucía', 'noor'], { maxLength: 2 }),
        ...optional('rising', fc.integer({ min: -5, max: 40 })),
        ...optional('twins', fc.integer({ min: 1, max: 3 })),
        ...optional('organization', fc.constantFrom('x', 'y')),
      })
      .map(dropUndefined),
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
        // Of papers that are nearly the same one is enough.
        const works = new Set(
          eligible.map(({ id, twins }) => (twins === undefined ? `paper ${id}` : `work ${twins}`)),
        );
        expect(ids.length).toBe(Math.min(wish.amount, works.size));
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
        const appeal = appealOf({ id: 1, ageDays, votes });
        expect(Number.isFinite(appeal) && appeal > 0).toBe(true);
      }),
    );
  });
});

describe('votes that were counted more than once', () => {
  const at = (day: number) => new Date(Date.UTC(2026, 5, day));

  test('count by what came in lately: a paper that rises passes one that rose', () => {
    const rises = { id: 1, ageDays: 5, votes: 40, rising: 15 };
    const rose = { id: 2, ageDays: 5, votes: 60, rising: 0 };
    expect(trendOf(rises)).toBeGreaterThan(trendOf(rose));
    expect(trendOf(rose)).toBeGreaterThan(1);
  });

  test.each([
    ['never', [], undefined],
    ['once', [{ votes: 9, at: at(1) }], undefined],
    [
      'twice within two days',
      [
        { votes: 2, at: at(9) },
        { votes: 12, at: at(10) },
      ],
      5,
    ],
    [
      'long ago and since',
      [
        { votes: 2, at: at(1) },
        { votes: 20, at: at(7) },
        { votes: 30, at: at(10) },
      ],
      2.5,
    ],
    [
      'twice, with fewer votes later',
      [
        { votes: 8, at: at(9) },
        { votes: 4, at: at(10) },
      ],
      -2,
    ],
  ])('%s', (_, counts, perDay) => {
    expect(risingOf(counts, at(11))).toBe(perDay);
  });
});

describe('taste', () => {
  const papers = Array.from({ length: 8 }, (_, n) => ({ id: n + 1, ageDays: 1, votes: 0 }));
  const matches = papers.slice(0, 6).map(({ id }) => match(1, id, 0.5));
  const index = buildIndex(papers, matches);
  const tasteFor = (...liked: number[]) =>
    new Map(papers.map(({ id }) => [id, liked.includes(id) ? 0.9 : 0.1]));
  const idsFor = (taste?: Wish['taste'], amount = 3) =>
    choose(index, { ...wishFor([1], amount), ...(taste && { taste }) }).map(({ paperId }) => paperId);

  test('moves papers alike to what was liked up within their topic', () => {
    expect(idsFor()).toEqual([1, 2, 3]);
    expect(idsFor({ share: 0.4, scores: tasteFor(5, 6) })).toEqual([5, 6, 1]);
  });

  test('brings papers that match no topic, under a topic of its own, once it is sure', () => {
    const chosen = choose(index, { ...wishFor([1], 6), taste: { share: 0.5, scores: tasteFor(8) } });
    expect(chosen.find(({ paperId }) => paperId === 8)?.topicId).toBe(tasteTopicId);
    expect(chosen.some(({ paperId }) => paperId === 7)).toBe(false);
  });

  test('that does not count changes nothing', () => {
    expect(idsFor({ share: 0, scores: tasteFor(5, 6) })).toEqual(idsFor());
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

test('an editor’s word lifts a paper over what is nearly as good, over nothing better, and into no other topic', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.nat(500), fc.nat(13), (votes, otherVotes, ageDays) => {
      const featured = { id: 2, votes, ageDays };
      const other = { id: 1, votes: otherVotes, ageDays };
      const matches = [1, 2].map((paperId) => ({ topicId: 1, paperId, relevance: 0.5, inTitle: false }));
      const index = buildIndex([other, { ...featured, isFeatured: true }], matches);
      const wish = { unwanted: new Set<number>(), amount: 1 };
      const [first] = choose(index, { ...wish, topics: [{ topicId: 1, weight: 1 }] });
      const isNear = featuredLift * appealOf(featured) > appealOf(other);
      expect(first!.paperId).toBe(isNear ? featured.id : other.id);
      expect(choose(index, { ...wish, topics: [{ topicId: 9, weight: 1 }] })).toEqual([]);
    }),
  );
});
