import { expect, test } from 'vitest';
import { openShelf } from '../../src/pipeline/fragment-shelf.ts';
import { openTurns } from '../../src/pipeline/turns.ts';

test('a turn is over after some milliseconds of work, and what was ready runs before the next one', async () => {
  let nowMs = 1000;
  const turns = openTurns(() => nowMs);
  const ran: string[] = [];
  setImmediate(() => ran.push('a batch on its way'));
  expect(turns.isOver()).toBe(false);
  nowMs += 5;
  expect(turns.isOver()).toBe(true);
  await turns.next();
  ran.push('composing');
  expect(ran).toEqual(['a batch on its way', 'composing']);
  expect(turns.isOver()).toBe(false);
});

test('a fragment that fails between turns is told when the shelf settles, and not before', async () => {
  const fails = { idOf: () => Promise.reject(new Error('cannot be rendered')) } as never;
  const shelf = openShelf(fails);
  shelf.section().put(1, 'card 1', () => ({}) as never);
  await new Promise(setImmediate);
  await expect(shelf.settled()).rejects.toThrow('cannot be rendered');
});
