import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openShelf, type Part } from '../../src/pipeline/fragment-shelf.ts';
import { openScratchFragments } from '../../src/pipeline/scratch-fragments.ts';
import type { ChosenReason } from '../../src/pipeline/selection.ts';
import { openWhyLines } from '../../src/pipeline/why-line.ts';
import { renderWhy } from '../../src/render/fragments.ts';
import { anyReason } from '../support/arbitrary-paper.ts';

/** Opens lines over fragments in memory, and tells what was put in them. */
function openLines() {
  const store = openScratchFragments();
  const shelf = openShelf(store);
  const lines = openWhyLines(shelf);
  return {
    of: lines.of,
    async bytesOf(parts: readonly (Part | undefined)[]) {
      await shelf.settled();
      const ids = parts.filter((part) => part !== undefined).map(({ id }) => id);
      const made = await store.readFragments(ids);
      const joined = (side: 'html' | 'text') => Buffer.concat(ids.map((id) => made.get(id)![side]));
      return { html: joined('html').toString(), text: joined('text').toString() };
    },
  };
}

/** Topics whose ids tell them apart, as readers follow them. */
const anyTopics = fc.array(anyReason, { minLength: 1, maxLength: 6 }).map((reasons) =>
  reasons.map(({ name, liked = false }, n): ChosenReason => ({
    topicId: n + 1,
    name,
    liked,
    inTitle: false,
  })),
);

test('whatever the reasons, the parts say together what the whole line says', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyTopics,
      fc.infiniteStream(fc.nat()),
      fc.boolean(),
      async (topics, numbers, isFeatured) => {
        const next = (below: number) => numbers.next().value % below;
        const lines = openLines();
        for (let n = 0; n < 8; n++) {
          const reasons = Array.from({ length: next(3) }, () => ({
            ...topics[next(topics.length)]!,
            inTitle: next(2) === 1,
          }));
          const { why, whyRest } = lines.of(reasons, isFeatured);
          const { html, text } = renderWhy(reasons, isFeatured);
          expect(await lines.bytesOf([why, whyRest])).toEqual({
            html: html.toString(),
            text: text.toString(),
          });
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('all pairs of thirty topics take a part or three for each topic, not one for each pair', async () => {
  const lines = openLines();
  const parts = new Set<Part>();
  for (let first = 1; first <= 30; first++)
    for (let second = 1; second <= 30; second++)
      for (const inTitle of [true, false]) {
        const reasons = [first, second].map((topicId) => ({ topicId, name: `Topic ${topicId}`, inTitle }));
        const { why, whyRest } = lines.of(reasons, false);
        parts.add(why).add(whyRest!);
      }
  expect(parts.size).toBe(3 * 30);
  expect(await lines.bytesOf([...parts])).toMatchObject({ text: expect.stringContaining('Topic 30') });
});
