import { expect, test } from 'vitest';
import { openBodies } from '../../src/pipeline/bodies.ts';

test('there are two places; a third body waits for the first that is given back, and gets its memory', async () => {
  const bodies = openBodies();
  const [first] = [await bodies.take(), await bodies.take()];
  const order: string[] = [];
  const third = bodies.take().then((place) => (order.push('third'), place));
  const fourth = bodies.take().then((place) => (order.push('fourth'), place));
  await Promise.resolve();
  expect(order).toEqual([]);
  const memory = new ArrayBuffer(8);
  first.memory = memory;
  bodies.giveBack(first);
  expect((await third).memory).toBe(memory);
  bodies.giveBack(await third);
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
});

test('memory that grew beyond all others is not kept', async () => {
  const bodies = openBodies();
  const place = await bodies.take();
  await bodies.take();
  place.memory = new ArrayBuffer(17 * 1024 * 1024);
  bodies.giveBack(place);
  expect((await bodies.take()).memory).toBeUndefined();
});
