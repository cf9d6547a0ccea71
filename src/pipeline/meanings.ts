/**
 * Where an embedding model is configured: gives new papers and topics their vectors, and notes which papers are nearest
 * to each topic. The edition index joins that with what words find (see domain/matching/nearness.ts).
 *
 * It dies half-way: vectors stored are kept, and the nearest papers are those of the last whole run. A server that is
 * away costs nothing but that; editions are ranked by words meanwhile.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { listWantedVectors, readVectors, replaceNearest, storeVectors, type Subject } from '../db/vectors.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { type Near, nearestOf } from '../domain/matching/nearness.ts';
import { candidateDays } from '../domain/ranking.ts';
import { type Embedder, openaiEmbedder, textsAtOnceMax } from '../sources/embeddings.ts';
import { SourceError } from '../sources/source.ts';

/** Of each topic; what is further down changes no digest. */
const nearestPerTopic = 50;
/** What more there is waits for the next run. */
const textsPerRunMax = 5000;

/** Gives how many vectors are new; 0 at once where no model is configured. */
export async function readMeanings(ctx: Context): Promise<number> {
  if (!ctx.config.embeddings) return 0;
  const embedder = openaiEmbedder(ctx.config.embeddings);
  const since = addDays(utcDate(ctx.now()), -candidateDays);
  try {
    const papers = await embedNew(ctx, embedder, 'paper', since);
    const topics = await embedNew(ctx, embedder, 'topic', since);
    if (papers + topics > 0) {
      await replaceNearest(ctx.db, await findNearest(ctx, embedder.model, since));
      ctx.log.info({ papers, topics }, 'vectors read');
    }
    return papers + topics;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    ctx.log.warn({ reason: error.message }, 'vectors could not be read; papers are ranked by words');
    return 0;
  }
}

async function embedNew(ctx: Context, embedder: Embedder, subject: Subject, since: string): Promise<number> {
  const { model } = embedder;
  const wanted = await listWantedVectors(ctx.db, subject, { model, since, limit: textsPerRunMax });
  for (let at = 0; at < wanted.length; at += textsAtOnceMax) {
    const some = wanted.slice(at, at + textsAtOnceMax);
    const vectors = await embedder.embed(
      some.map(({ text }) => text),
      ctx.signal,
    );
    await storeVectors(
      ctx.db,
      subject,
      model,
      some.map((row, place) => ({ ...row, vector: vectors[place]! })),
    );
  }
  return wanted.length;
}

async function findNearest(ctx: Context, model: string, since: string): Promise<Near[]> {
  const papers = await readVectors(ctx.db, 'paper', { model, since });
  const nearest: Near[] = [];
  for (const { id, vector } of await readVectors(ctx.db, 'topic', { model, since })) {
    for (const near of nearestOf(vector, papers, nearestPerTopic)) nearest.push({ topicId: id, ...near });
    // Thousands of topics take seconds; other work of this process goes on in between.
    await breathe();
  }
  return nearest;
}
