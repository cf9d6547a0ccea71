import { expect, test } from 'vitest';
import { openBodies } from '../../src/pipeline/bodies.ts';

test('there are four places; a fifth body waits for the first that is given back, and gets its memory', async () => {
  const bodies = openBodies();
  const first = await bodies.take();
  for (let n = 0; n < 3; n++) await bodies.take();
  const order: string[] = [];
  const fifth = bodies.take().then((place) => (order.push('fifth'), place));
  const sixth = bodies.take().then((place) => (order.push('sixth'), place));
  await Promise.resolve();
  expect(order).toEqual([]);
  const memory = new ArrayBuffer(8);
  first.memory = memory;
  bodies.giveBack(first);
  expect((await fifth).memory).toBe(memory);
  bodies.giveBack(await fifth);
  await sixth;
  expect(order).toEqual(['fifth', 'sixth']);
});

test('memory that grew beyond all others is not kept', async () => {
  const bodies = openBodies();
  const place = await bodies.take();
  for (let n = 0; n < 3; n++) await bodies.take();
  place.memory = new ArrayBuffer(17 * 1024 * 1024);
  bodies.giveBack(place);
  expect((await bodies.take()).memory).toBeUndefined();
});

test('two are handed over at a time, and the third when one of them is answered, however it ends', async () => {
  const bodies = openBodies();
  const begun: string[] = [];
  const answers = new Map<string, PromiseWithResolvers>();
  const handOver = (name: string) =>
    bodies.inFlight(() => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => void answers.set(name, { resolve, reject }));
    });
  const [lost, taken, third, fourth] = [
    handOver('lost'),
    handOver('taken'),
    handOver('third'),
    handOver('fourth'),
  ];
  await turn();
  expect(begun).toEqual(['lost', 'taken']);
  answers.get('lost')!.reject(new Error('no answer'));
  await expect(lost).rejects.toThrow('no answer');
  await turn();
  expect(begun).toEqual(['lost', 'taken', 'third']);
  answers.get('taken')!.resolve('taken');
  expect(await taken).toBe('taken');
  await turn();
  expect(begun).toEqual(['lost', 'taken', 'third', 'fourth']);
  for (const name of ['third', 'fourth']) answers.get(name)!.resolve(name);
  expect(await Promise.all([third, fourth])).toEqual(['third', 'fourth']);
});

interface PromiseWithResolvers {
  resolve(value: string): void;
  reject(error: Error): void;
}

/** Whatever was ready has run. */
const turn = () => new Promise((resolve) => void setImmediate(resolve));
