import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuse, type Near, nearestOf } from '../../../src/domain/matching/nearness.ts';
import type { IndexedMatch } from '../../../src/domain/topic-column.ts';

const match = (paperId: number, relevance: number, topicId = 1): IndexedMatch => ({
  topicId,
  paperId,
  relevance,
  inTitle: false,
  phrase: 'robots',
});
const near = (paperId: number, nearness: number, topicId = 1): Near => ({ topicId, paperId, nearness });

const papers = fc.integer({ min: 1, max: 30 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const topics = fc.integer({ min: 1, max: 3 });
const matches = fc.uniqueArray(
  fc.tuple(papers, share, topics).map(([paperId, relevance, topicId]) => match(paperId, relevance, topicId)),
  { selector: ({ paperId, topicId }) => `${topicId} ${paperId}` },
);
const nearest = fc.uniqueArray(
  fc.tuple(papers, share, topics).map(([paperId, nearness, topicId]) => near(paperId, nearness, topicId)),
  { selector: ({ paperId, topicId }) => `${topicId} ${paperId}` },
);

describe('joining words and meaning', () => {
  test('a paper without the words comes in where it is nearer than half of those that have them', () => {
    const byWords = [match(1, 0.9), match(2, 0.5), match(3, 0.2)];
    const byMeaning = [near(1, 0.9), near(7, 0.8), near(2, 0.7), near(8, 0.6), near(3, 0.5)];
    const found = fuse(byWords, byMeaning);
    expect(found.map(({ paperId, relevance }) => [paperId, relevance])).toEqual([
      [1, 0.9],
      [2, 0.5],
      [3, 0.2],
      [7, 0.2],
    ]);
    expect(found[3]).toMatchObject({ phrase: null, inTitle: false });
    expect(found[0]!.phrase).toBe('robots');
  });

  test('meaning changes the order of those that have the words', () => {
    const found = fuse([match(1, 0.9), match(2, 0.5), match(3, 0.2)], [near(3, 0.9), near(2, 0.8)]);
    expect(found.map(({ paperId, relevance }) => [paperId, relevance])).toEqual([
      [3, 0.9],
      [2, 0.5],
      [1, 0.2],
    ]);
  });

  test('a topic that matches nothing by its words stays empty, however near a paper is', () => {
    expect(fuse([match(1, 0.4, 2)], [near(1, 0.99, 1)])).toEqual([match(1, 0.4, 2)]);
  });

  test('no match is lost, none is doubled, and relevances stay within those of the words', () => {
    fc.assert(
      fc.property(matches, nearest, (byWords, byMeaning) => {
        const found = fuse(byWords, byMeaning);
        const key = ({ topicId, paperId }: { topicId: number; paperId: number }) => `${topicId} ${paperId}`;
        const keys = found.map(key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const one of byWords) expect(keys).toContain(key(one));
        for (const one of found) {
          const own = byWords.filter(({ topicId }) => topicId === one.topicId).map((row) => row.relevance);
          expect(own).toContain(one.relevance);
        }
      }),
    );
  });

  test('the order of what comes in makes no difference', () => {
    fc.assert(
      fc.property(matches, nearest, (byWords, byMeaning) => {
        const sorted = (rows: IndexedMatch[]) =>
          rows.toSorted((a, b) => a.topicId - b.topicId || a.paperId - b.paperId);
        expect(sorted(fuse(byWords.toReversed(), byMeaning.toReversed()))).toEqual(
          sorted(fuse(byWords, byMeaning)),
        );
      }),
    );
  });
});

test('the nearest papers come first, ties by the older, and other dimensions never', () => {
  const vector = Float32Array.of(1, 0);
  const known = [
    { id: 4, vector: Float32Array.of(0.6, 0.8) },
    { id: 3, vector: Float32Array.of(0.6, 0.8) },
    { id: 2, vector: Float32Array.of(1, 0) },
    { id: 1, vector: Float32Array.of(1, 0, 0) },
  ];
  expect(nearestOf(vector, known, 2).map(({ paperId }) => paperId)).toEqual([2, 3]);
});
