import type { Context } from '../context.ts';
import { countByTopic, countListedDays, findNewestDate, readDataGeneration } from '../db/listings.ts';
import { listTopics } from '../db/topics.ts';
import { addDays, utcDate } from '../domain/cadence.ts';

/** A topic that the forms offer, with the papers a day that it had in the last week of lists, where there are lists. */
export interface OfferedTopic {
  slug: string;
  name: string;
  description: string;
  papersADay: number | undefined;
}

export type TopicRates = readonly OfferedTopic[];

const weekDays = 7;

const kept = new WeakMap<Context['pool'], { key: string; rates: Promise<TopicRates> }>();

/** Counted for all topics at once, and again only when papers have come in or another day has begun. */
export async function topicCounts(ctx: Context): Promise<TopicRates> {
  const today = utcDate(ctx.now());
  const key = `${today} ${await readDataGeneration(ctx.db)}`;
  const known = kept.get(ctx.pool);
  if (known?.key === key) return known.rates;
  const rates = countRates(ctx, today);
  kept.set(ctx.pool, { key, rates });
  rates.catch(() => kept.delete(ctx.pool));
  return rates;
}

async function countRates(ctx: Context, today: string): Promise<TopicRates> {
  const [topics, rates] = await Promise.all([listTopics(ctx.db), ratesBySlug(ctx, today)]);
  return topics.map(({ slug, name, description }) => ({
    slug: slug!,
    name,
    description,
    papersADay: rates?.get(slug!) ?? (rates && 0),
  }));
}

async function ratesBySlug(ctx: Context, today: string): Promise<Map<string, number> | undefined> {
  const newest = await findNewestDate(ctx.db, today);
  if (newest === undefined) return undefined;
  const days = { from: addDays(newest, 1 - weekDays), to: newest };
  const [counts, listed] = await Promise.all([countByTopic(ctx.db, days), countListedDays(ctx.db, days)]);
  return new Map(counts.map(({ slug, papers }) => [slug, papers / Math.max(1, listed)]));
}
