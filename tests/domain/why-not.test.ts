import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IndexedPaper } from '../../src/domain/appeal.ts';
import { buildIndex, choose } from '../../src/domain/ranking.ts';
import { whyNot } from '../../src/domain/why-not.ts';

const paper = (id: number, facts: Partial<IndexedPaper> = {}): IndexedPaper => ({
  id,
  ageDays: 0,
  votes: 0,
  ...facts,
});
const match = (paperId: number, relevance: number, topicId = 1) => ({
  topicId,
  paperId,
  relevance,
  inTitle: false,
});
const wish = { topics: [{ topicId: 1, weight: 1 }], unwanted: new Set<number>(), amount: 2 };

test('a paper that comes has its place, one that others outdo has its own', () => {
  const papers = [1, 2, 3, 4].map((id) => paper(id));
  const index = buildIndex(papers, [match(1, 0.9), match(2, 0.8), match(3, 0.7), match(4, 0.6, 2)]);
  expect(whyNot(index, wish, 2)).toEqual({ because: 'comes', place: 2 });
  expect(whyNot(index, wish, 3)).toEqual({ because: 'behind', place: 3 });
  expect(whyNot(index, wish, 4)).toEqual({ because: 'no_topic' });
});

test('a twin of a paper that comes is told by its twin', () => {
  const index = buildIndex(
    [paper(1, { twins: 5 }), paper(2, { twins: 5 }), paper(3)],
    [match(1, 0.9), match(2, 0.8), match(3, 0.7)],
  );
  expect(whyNot(index, wish, 2)).toEqual({ because: 'twin', twinId: 1 });
});

test('the third paper of one author gives way to others', () => {
  const index = buildIndex(
    [1, 2, 3, 4].map((id) => paper(id, id < 4 ? { authors: ['Ada Lovelace'] } : {})),
    [match(1, 0.9), match(2, 0.8), match(3, 0.7), match(4, 0.1)],
  );
  expect(whyNot(index, { ...wish, amount: 3 }, 3)).toEqual({ because: 'crowded' });
});

test('whatever the papers, it comes exactly if it was chosen, and every other has a reason', () => {
  const papers = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 20 }),
      ageDays: fc.integer({ min: 0, max: 13 }),
      votes: fc.integer({ min: 0, max: 50 }),
      authors: fc.subarray(['Ada', 'Kenji']),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  );
  const relevances = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.double({ min: 0.01, max: 1, noNaN: true })),
    {
      minLength: 20,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(papers, relevances, fc.integer({ min: 1, max: 6 }), (known, given, amount) => {
      const index = buildIndex(
        known,
        known.map(({ id }) => match(id, given[id - 1]![1], given[id - 1]![0])),
      );
      const asked = { ...wish, topics: [1, 2].map((topicId) => ({ topicId, weight: 1 })), amount };
      const chosen = choose(index, asked).map(({ paperId }) => paperId);
      for (const { id } of known) {
        const answer = whyNot(index, asked, id);
        expect(answer.because === 'comes').toBe(chosen.includes(id));
        expect(answer.because === 'no_topic').toBe(given[id - 1]![0] === 3);
      }
    }),
  );
});
