import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openaiEmbedder, textsAtOnceMax } from '../../src/sources/embeddings.ts';
import { SourceError } from '../../src/sources/source.ts';
import { type EmbeddingsServer, openEmbeddingsServer } from '../support/embeddings-server.ts';

let server: EmbeddingsServer;
const signal = new AbortController().signal;

beforeAll(async () => {
  server = await openEmbeddingsServer([/robot/gi, /protein/gi]);
});
afterAll(() => server.close());
afterEach(() => {
  server.answerWith(undefined);
  server.asked.length = 0;
});

const embedder = (options = {}) =>
  openaiEmbedder({ baseUrl: server.baseUrl, model: 'small', apiKey: 'k-1', ...options });

test('vectors come in the order of the texts, have length 1, and the key goes along', async () => {
  const [robot, protein] = await embedder().embed(['a robot', 'a protein'], signal);
  expect(robot![1]).toBeGreaterThan(0.9);
  expect(protein![2]).toBeGreaterThan(0.9);
  for (const vector of [robot!, protein!]) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  expect(server.asked).toEqual([
    { model: 'small', input: ['a robot', 'a protein'], authorization: 'Bearer k-1' },
  ]);
});

test('many texts are asked for in several requests', async () => {
  const vectors = await embedder().embed(Array(textsAtOnceMax * 2 + 1).fill('robot'), signal);
  expect(vectors).toHaveLength(textsAtOnceMax * 2 + 1);
  expect(server.asked.map(({ input }) => input.length)).toEqual([textsAtOnceMax, textsAtOnceMax, 1]);
});

describe('an answer that cannot be right is refused in words', () => {
  const data = (...embeddings: unknown[]) =>
    JSON.stringify({ data: embeddings.map((embedding, index) => ({ index, embedding })) });
  test.each([
    ['no JSON', { status: 200, body: '<html>' }, 'malformed'],
    ['another shape', { status: 200, body: '{"data":{}}' }, 'malformed'],
    ['too few vectors', { status: 200, body: data([1, 0]) }, 'malformed'],
    [
      'one index twice',
      {
        status: 200,
        body: JSON.stringify({
          data: [
            { index: 0, embedding: [1] },
            { index: 0, embedding: [1] },
          ],
        }),
      },
      'malformed',
    ],
    ['no direction', { status: 200, body: data([0, 0], [1, 0]) }, 'malformed'],
    ['texts in place of numbers', { status: 200, body: data(['a'], [1]) }, 'malformed'],
    ['vectors of two lengths', { status: 200, body: data([1, 0], [1]) }, 'malformed'],
    ['a refusal', { status: 401, body: '' }, 'refused'],
    ['a redirect', { status: 302, body: '', location: 'http://127.0.0.1:1/v1/embeddings' }, 'refused'],
    ['a broken connection', 'reset', 'unreachable'],
  ] as const)('%s', async (_, fault, kind) => {
    server.answerWith(fault);
    const error = await embedder()
      .embed(['a', 'b'], signal)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ kind, message: expect.stringContaining('embeddings server') });
    expect((error as Error).message).not.toContain('k-1');
  });
});
