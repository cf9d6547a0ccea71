import { expect, test } from 'vitest';
import { openShelf, type Section } from '../../src/pipeline/fragment-shelf.ts';
import { openScratchFragments } from '../../src/pipeline/scratch-fragments.ts';

const fragment = { html: Buffer.from('<p>'), text: Buffer.from('p') };

test('a fragment is asked for once a key, and its id is there when the shelf has settled', async () => {
  const store = openScratchFragments();
  const asked: string[] = [];
  const shelf = openShelf({
    ...store,
    idOf(name, render) {
      asked.push(name);
      return store.idOf(name, render);
    },
  });
  const [cards, whys] = [shelf.section(), shelf.section()];
  const take = (section: Section, key: number, kind: string) =>
    section.find(key) ?? section.put(key, `${kind} number ${key}`, () => fragment);
  const parts = [
    take(cards, 1, 'card'),
    take(cards, 2, 'card'),
    take(whys, 1, 'why'),
    take(cards, 1, 'card'),
  ];
  expect(parts[3]).toBe(parts[0]);
  await shelf.settled();
  expect(asked).toEqual(['card number 1', 'card number 2', 'why number 1']);
  expect(parts.map(({ id }) => id)).toEqual([1, 2, 3, 1]);
});

test('a fragment that cannot be made fails all that waits for the shelf', async () => {
  const shelf = openShelf(openScratchFragments());
  shelf.section().put(1, 'card 1', () => Promise.reject(new Error('no such picture')));
  await expect(shelf.settled()).rejects.toThrow('no such picture');
});
