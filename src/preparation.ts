import type { Context } from './context.ts';
import type { Candidates } from './pipeline/edition-index.ts';
import { nextHour, prepare } from './pipeline/prepare.ts';

const lookEveryMs = 30_000;
/** Long enough for two looks, and short enough that what it prepares for hardly changes any more. */
const aheadMs = 90_000;

/**
 * Looks twice a minute whether an hour is about to strike, and prepares this process for it: once, and again where the
 * day's papers changed meanwhile. Gives what ends it.
 */
export function startPreparation(ctx: Context): () => Promise<void> {
  const looking = openPreparation(ctx);
  let look: Promise<void> | undefined;
  const timer = setInterval(() => {
    look ??= looking().finally(() => (look = undefined));
  }, lookEveryMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await look;
  };
}

/** One process's looks: each resolves when it is prepared, or has nothing to prepare for. It never rejects. */
export function openPreparation(ctx: Context): () => Promise<void> {
  /** The hour that was prepared from these candidates; it keeps none of them in memory. */
  const prepared = new WeakMap<Candidates, number>();
  return async () => {
    try {
      const now = ctx.now();
      const hour = await nextHour(ctx, now);
      if (!hour || hour.at.getTime() - now.getTime() > aheadMs) return;
      const candidates = await ctx.indexes.at(hour.at);
      if (prepared.get(candidates) === hour.at.getTime()) return;
      await prepare(ctx, hour, candidates);
      prepared.set(candidates, hour.at.getTime());
    } catch (error) {
      // What is not prepared is made when it is wanted, and fails there in the open if it must.
      if (!ctx.signal.aborted)
        ctx.log.warn({ err: (error as Error).message }, 'not prepared for the next hour');
    }
  };
}
