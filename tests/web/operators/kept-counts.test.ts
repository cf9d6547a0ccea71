import { expect, test } from 'vitest';
import { keepCounts } from '../../../src/web/operators/kept-counts.ts';

/** A count that answers when told to, and a clock that moves when told to. */
function setUp({ waitMs = 10_000 } = {}) {
  let nowMs = 0;
  const asked: string[] = [];
  const answers: ((value: number) => void)[] = [];
  const failures: ((error: Error) => void)[] = [];
  const counts = keepCounts<number>({
    count(key) {
      asked.push(key);
      return new Promise((resolve, reject) => {
        answers.push(resolve);
        failures.push(reject);
      });
    },
    freshMs: () => 1000,
    waitMs,
    clock: () => nowMs,
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { counts, asked, answers, failures, settle, pass: (ms: number) => void (nowMs += ms) };
}

test('what was never counted is waited for, and then kept', async () => {
  const { counts, asked, answers, settle } = setUp();
  const reading = counts.read(['a']);
  await settle();
  answers[0]!(7);
  expect(await reading).toEqual(new Map([['a', 7]]));
  expect(await counts.read(['a'])).toEqual(new Map([['a', 7]]));
  expect(asked).toEqual(['a']);
});

test('what is no longer fresh is shown at once and counted again behind the page', async () => {
  const { counts, asked, answers, settle, pass } = setUp();
  const reading = counts.read(['a']);
  await settle();
  answers[0]!(7);
  await reading;
  pass(1000);
  expect(await counts.read(['a'])).toEqual(new Map([['a', 7]]));
  await settle();
  answers[1]!(8);
  await settle();
  expect(await counts.read(['a'])).toEqual(new Map([['a', 8]]));
  expect(asked).toEqual(['a', 'a']);
});

test('any number of looks counts a thing once, and things one after another', async () => {
  const { counts, asked, answers, settle } = setUp();
  const readings = [counts.read(['a', 'b']), counts.read(['b', 'a'])];
  await settle();
  expect(asked).toEqual(['a']);
  answers[0]!(1);
  await settle();
  expect(asked).toEqual(['a', 'b']);
  answers[1]!(2);
  expect(await Promise.all(readings)).toEqual([
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
    new Map([
      ['b', 2],
      ['a', 1],
    ]),
  ]);
});

test('a page does not wait for long: what is missing is missing', async () => {
  const { counts } = setUp({ waitMs: 1 });
  expect(await counts.read(['a'])).toEqual(new Map());
});

test('only the first page waits for a count that takes long', async () => {
  const { counts, answers, settle } = setUp({ waitMs: 20 });
  await counts.read(['a']);
  const second = await Promise.race([counts.read(['a']), settle().then(settle)]);
  expect(second).toEqual(new Map());
  answers[0]!(7);
  await settle();
  expect(await counts.read(['a'])).toEqual(new Map([['a', 7]]));
});

test('a count that fails is tried again at the next look', async () => {
  const { counts, asked, answers, failures, settle } = setUp();
  const reading = counts.read(['a']);
  await settle();
  failures[0]!(new Error('gone'));
  expect(await reading).toEqual(new Map());
  const again = counts.read(['a']);
  await settle();
  answers[1]!(3);
  expect(await again).toEqual(new Map([['a', 3]]));
  expect(asked).toEqual(['a', 'a']);
});
