import { expect, test } from 'vitest';
import { openBodies } from '../../src/pipeline/bodies.ts';
import { openWriting } from '../../src/render/writing.ts';

test('memory that was given back is taken again, and never by two at once', () => {
  const bodies = openBodies();
  const first = bodies.take();
  expect(bodies.take()).not.toBe(first);
  bodies.giveBack(first);
  expect(bodies.take()).toBe(first);
  expect(bodies.take()).not.toBe(first);
});

test('no more is kept than two bodies, and none that grew beyond all others', () => {
  const bodies = openBodies();
  const three = [bodies.take(), bodies.take(), bodies.take()];
  for (const body of three) bodies.giveBack(body);
  const kept = [bodies.take(), bodies.take(), bodies.take()].filter((body) => three.includes(body));
  expect(kept).toHaveLength(2);
  const large = openWriting(17 * 1024 * 1024);
  bodies.giveBack(large);
  expect(bodies.take()).not.toBe(large);
});
