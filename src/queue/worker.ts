import { DelayedError, type Job, UnrecoverableError, type Worker } from 'bullmq';
import type { Context } from '../context.ts';
import { Permanent, Retryable } from './errors.ts';
import type { Jobs, QueueName } from './queues.ts';
import { damped } from './trouble.ts';

export interface WorkerOptions {
  concurrency?: number;
}

/** A job may hold its lock this long without a sign of life before another worker takes it; the row's claim is what counts. */
const lockDurationMs = 20_000;
const stalledLookMs = 5_000;
/** A job whose worker was killed is no fault of the job. */
const stalledTimesMax = 20;
/** After trouble with the queue, this long until the next look. */
const lookAgainMs = 2_000;
/** Completions are counted by the minute and kept for two weeks, on the operators' board. */
const metricsMinutesMax = 20_160;

/**
 * Starts a queue's worker: each job runs `step` with the context. `Retryable` is put back for later without burning an
 * attempt, `Permanent` is given up, anything else is a bug: loud, and tried again.
 */
export function startWorker<Name extends QueueName>(
  ctx: Context,
  name: Name,
  step: (ctx: Context, data: Jobs[Name]) => Promise<unknown>,
  options: WorkerOptions = {},
): Worker {
  const worker = ctx.backend.openWorker(
    name,
    async (job: Job, token?: string) => {
      try {
        await step(ctx, job.data as Jobs[Name]);
      } catch (error) {
        await rethrow(error, job, token);
      }
    },
    {
      concurrency: options.concurrency ?? 1,
      lockDuration: lockDurationMs,
      stalledInterval: stalledLookMs,
      maxStalledCount: stalledTimesMax,
      runRetryDelay: lookAgainMs,
      metrics: { maxDataPoints: metricsMinutesMax },
    },
  );
  worker.on('failed', (job, error) => {
    ctx.log.error({ queue: name, job: job?.id, err: error }, `${name} failed`);
  });
  worker.on(
    'error',
    damped((error) => ctx.log.warn({ queue: name, err: error.message }, 'queue connection trouble')),
  );
  return worker;
}

async function rethrow(error: unknown, job: Job, token: string | undefined): Promise<never> {
  if (error instanceof Retryable) {
    await job.moveToDelayed(Date.now() + error.afterMs, token);
    throw new DelayedError();
  }
  if (error instanceof Permanent) throw new UnrecoverableError(error.message);
  throw error;
}
