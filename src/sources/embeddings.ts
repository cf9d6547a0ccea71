import { z } from 'zod';
import { within } from '../deadline.ts';
import { readBody } from './body.ts';
import { SourceError } from './source.ts';

/** Turns texts into vectors whose directions are near where the texts mean alike. */
export interface Embedder {
  /** Vectors of different models can't be compared. */
  model: string;
  /** One vector of length 1 for each text, in their order. Throws SourceError. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

export interface EmbeddingsOptions {
  /** Up to and with its version, without a slash at its end: `https://api.example.org/v1`. */
  baseUrl: string;
  model: string;
  apiKey: string | undefined;
  timeoutMs?: number;
}

/** The most that `embed` sends at once. */
export const textsAtOnceMax = 64;

/** Any server that speaks OpenAI's `POST /v1/embeddings`, as most model servers do. */
export function openaiEmbedder(options: EmbeddingsOptions): Embedder {
  const { model } = options;
  return {
    model,
    async embed(texts, signal) {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += textsAtOnceMax) {
        const some = texts.slice(at, at + textsAtOnceMax);
        vectors.push(...readVectors(await ask(options, some, signal), some.length));
      }
      return vectors;
    },
  };
}

const timeoutMsDefault = 30_000;
const answerBytesMax = 32 * 1024 * 1024;
const dimensionsMax = 8192;

async function ask(
  { baseUrl, model, apiKey, timeoutMs = timeoutMsDefault }: EmbeddingsOptions,
  input: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  try {
    return await within(timeoutMs, signal, async (deadline) => {
      // Redirects are not followed: the key is for this host alone (RULES 25).
      const answer = await fetch(`${baseUrl}/embeddings`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(apiKey && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({ model, input, encoding_format: 'float' }),
        redirect: 'manual',
        signal: deadline.signal,
      });
      if (answer.status !== 200) {
        await answer.body?.cancel();
        throw new SourceError(
          'refused',
          `The embeddings server answers ${answer.status} for the model "${model}". Check EMBEDDINGS_BASE_URL, _MODEL and _API_KEY.`,
        );
      }
      const text = await readBody(answer, answerBytesMax);
      if (text === undefined) throw malformed(`is larger than ${answerBytesMax / 1024 / 1024} MB`);
      return text;
    });
  } catch (error) {
    if (error instanceof SourceError || signal.aborted) throw error;
    throw new SourceError('unreachable', 'The embeddings server does not answer.', { cause: error });
  }
}

const answerShape = z.object({
  data: z.array(
    z.object({
      index: z.number().int().nonnegative(),
      embedding: z.array(z.number()).min(1).max(dimensionsMax),
    }),
  ),
});

/** The vectors by `index`: servers may answer in another order. */
function readVectors(text: string, count: number): Float32Array[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw malformed('is not JSON', error);
  }
  const read = answerShape.safeParse(body);
  if (!read.success) throw malformed('has not the shape of an embeddings answer', read.error);
  const vectors = new Map(read.data.data.map(({ index, embedding }) => [index, toUnit(embedding)]));
  const inOrder = Array.from({ length: count }, (_, index) => vectors.get(index));
  if (read.data.data.length !== count || !inOrder.every((vector) => vector !== undefined))
    throw malformed(`has ${read.data.data.length} vectors for ${count} texts`);
  if (!inOrder.every(({ length }) => length === inOrder[0]!.length))
    throw malformed('has vectors of different lengths');
  return inOrder;
}

function toUnit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  if (!Number.isFinite(length) || length === 0) throw malformed('has a vector without a direction');
  return Float32Array.from(values, (value) => value / length);
}

function malformed(what: string, cause?: unknown): SourceError {
  return new SourceError('malformed', `The embeddings server's answer ${what}.`, { cause });
}
