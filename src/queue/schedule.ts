import type { Context } from '../context.ts';
import { inTime } from './in-time.ts';
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

/** One schedule takes milliseconds; a queue that is away must not hold up the next tick. */
const upsertTimeoutMs = 5_000;

/** Puts every job scheduler in its place; harmless to repeat, from any number of processes (RULES 7). */
export async function upsertSchedules(ctx: Context): Promise<void> {
  for (const { queue, everyMs } of schedules) {
    const upserting = ctx.queues
      .queue(queue)
      .upsertJobScheduler(`every-${everyMs / minuteMs}-min`, { every: everyMs }, { name: queue, data: {} });
    await inTime(upserting, upsertTimeoutMs);
  }
}

/** One tick of the scheduler's own timer: whatever the queues have forgotten is there again, or the log says why not. */
export async function tick(ctx: Context): Promise<void> {
  await upsertSchedules(ctx).catch((error: Error) => {
    ctx.log.warn({ err: error.message }, 'the schedules could not be put in place; trying again in a minute');
  });
}
