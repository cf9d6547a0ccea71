import type { Context } from '../context.ts';
import type { QueueName } from './queues.ts';

interface Schedule {
  queue: QueueName;
  everyMs: number;
}

const minuteMs = 60_000;

/** The clock of the whole: each entry is one BullMQ job scheduler. */
export const schedules: readonly Schedule[] = [
  { queue: 'plan', everyMs: minuteMs },
  { queue: 'sweep', everyMs: minuteMs },
  { queue: 'track', everyMs: minuteMs },
  { queue: 'ingest', everyMs: 30 * minuteMs },
];

/** Puts every job scheduler in its place; harmless to repeat, from any number of processes (RULES 7). */
export async function upsertSchedules(ctx: Context): Promise<void> {
  for (const { queue, everyMs } of schedules) {
    await ctx.queues
      .queue(queue)
      .upsertJobScheduler(`every-${everyMs / minuteMs}-min`, { every: everyMs }, { name: queue, data: {} });
  }
}
