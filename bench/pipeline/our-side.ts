import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { addDays } from '../../src/domain/cadence.ts';
import type { Usage } from '../answering.ts';
import { type Child, startChild } from '../child.ts';
import { environmentOf, firstDate, type Stage } from '../stage.ts';
import { moveListsOn, runEdition } from './edition.ts';
import type { RunningSide } from './plain-side.ts';

/** The dates of one database: every edition, whoever's worker makes it, is of the day after the last. */
export interface Dates {
  next(): string;
}

export function openDates(): Dates {
  let made = 0;
  return { next: () => addDays(firstDate, made++) };
}

/** Ours with one worker process or several, on either kind of queues. */
export async function openOurSide(
  stage: Stage,
  databaseUrl: string,
  options: {
    redis: boolean;
    dates: Dates;
    processes?: number;
    baseUrl?: string;
    profile?: string | undefined;
  },
): Promise<RunningSide> {
  const { redis, dates, processes = 1, baseUrl = stage.sinkUrl, profile } = options;
  const env = environmentOf(databaseUrl, baseUrl, redis ? stage.redis?.redisUrl : undefined);
  const ctx = await openContext(loadConfig(env));
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const workers: Child[] = [];
  for (let n = 0; n < processes; n++) workers.push(await startChild('./pipeline/worker.ts', { env, flags }));
  const usages = () => Promise.all(workers.map((worker) => worker.ask<Usage>('usage')));
  const cpuSeconds = async () => (await usages()).reduce((sum, usage) => sum + usage.cpuSeconds, 0);
  const prepareAll = (at: string) => Promise.all(workers.map((worker) => worker.ask('prepare', at)));
  return {
    async repeat() {
      const date = dates.next();
      const before = await cpuSeconds();
      const run = await runEdition(ctx, date, prepareAll);
      const cpu = (await cpuSeconds()) - before;
      await stage.sink.ask('taken');
      await moveListsOn(ctx);
      return { ...run, cpuSeconds: cpu };
    },
    peakMiB: async () => Math.max(...(await usages()).map(({ peakMiB }) => peakMiB)),
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await ctx.close();
    },
  };
}
