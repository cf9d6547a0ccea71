import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildIndex } from '../../src/domain/ranking.ts';
import { explainPapers, selectPapers } from '../../src/pipeline/selection.ts';

const topicIds = [1, 2, 3, 4];
const topics = topicIds.map((topicId) => ({ topicId, name: `topic ${topicId}`, weight: 1 }));
const paper = { id: 10, votes: 5, ageDays: 0, authors: [], isFeatured: false };
const anyMatches = fc.uniqueArray(
  fc.record({
    topicId: fc.constantFrom(...topicIds),
    paperId: fc.constant(paper.id),
    // Few, so that some are the same.
    relevance: fc.constantFrom(0.2, 0.5, 0.9),
    inTitle: fc.boolean(),
  }),
  { selector: ({ topicId }) => topicId, minLength: 1 },
);

function mostRelevant(matches: { topicId: number; relevance: number }[]): number[] {
  return matches
    .toSorted((a, b) => b.relevance - a.relevance || a.topicId - b.topicId)
    .map(({ topicId }) => topicId);
}

test('a paper is explained by the topic it was taken under, and then by the most relevant of the others', () => {
  fc.assert(
    fc.property(anyMatches, fc.shuffledSubarray(topics, { minLength: 4 }), (matches, followed) => {
      const index = buildIndex([paper], matches);
      const reader = { topics: followed, refused: [], maxPapers: 7 };
      const [chosen] = selectPapers(reader, index, []);
      const others = mostRelevant(matches).filter((topicId) => topicId !== chosen!.topicId);
      expect(chosen!.reasons.map(({ topicId }) => topicId)).toEqual([chosen!.topicId, ...others].slice(0, 2));
      for (const { topicId, name, inTitle } of chosen!.reasons) {
        expect(name).toBe(`topic ${topicId}`);
        expect(inTitle).toBe(matches.find((match) => match.topicId === topicId)!.inTitle);
      }
    }),
  );
});

test('one chosen before is explained by its two most relevant topics', () => {
  fc.assert(
    fc.property(anyMatches, (matches) => {
      const [explained] = explainPapers({ topics }, buildIndex([paper], matches), [paper.id]);
      const expected = mostRelevant(matches).slice(0, 2);
      expect(explained!.reasons.map(({ topicId }) => topicId)).toEqual(expected);
      expect(explained!.topicId).toBe(expected[0]);
    }),
  );
});
