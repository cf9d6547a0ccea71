import { expect, test } from 'vitest';
import { findTwins } from '../../src/domain/near-duplicates.ts';

const paper = (id: number, title: string, ...authors: string[]) => ({ id, title, authors });
const twinsOf = (...papers: ReturnType<typeof paper>[]) =>
  [...findTwins(papers)].toSorted((a, b) => a[0] - b[0]);

test('the same long title is one work, whoever signs it and however it is written', () => {
  const papers = [
    paper(4, 'Flow Matching for All of Us', 'A'),
    paper(2, 'flow matching, for all of us!', 'B'),
  ];
  expect(twinsOf(...papers)).toEqual([
    [2, 2],
    [4, 2],
  ]);
});

test('a paper that was renamed keeps its authors: the words after the colon tell', () => {
  const papers = [
    paper(1, 'PRISM: Beyond Imitation for Long Horizons', 'A', 'B'),
    paper(2, 'Prism v2: Beyond Imitation for Long Horizons', 'A', 'B'),
    paper(3, 'LENS: Beyond Imitation for Long Horizons', 'C'),
  ];
  expect(twinsOf(...papers)).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test('nearly the same words by a common author are one work, numbered parts are not', () => {
  const papers = [
    paper(1, 'Learning to walk on very uneven ground fast', 'A'),
    paper(2, 'Learning to walk fast on very uneven ground', 'A'),
    paper(3, 'Robots that learn, part 1 of 2026', 'A'),
    paper(4, 'Robots that learn, part 2 of 2026', 'A'),
    paper(5, 'Robots that learn together, part II of many', 'A'),
  ];
  expect(twinsOf(...papers)).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

test('short titles say nothing', () => {
  expect(twinsOf(paper(1, 'Technical Report', 'A'), paper(2, 'Technical report', 'A'))).toEqual([]);
});

test('a chain of twins is one group under its lowest id', () => {
  const papers = [9, 5, 7].map((id) => paper(id, 'One title for three different entries', 'A'));
  expect(twinsOf(...papers)).toEqual([
    [5, 5],
    [7, 5],
    [9, 5],
  ]);
});
