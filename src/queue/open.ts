import type { Queue } from 'bullmq';
import type { Backend } from './backend.ts';
import { inTime } from './in-time.ts';
import { jobIdOf, type Jobs, priorityOf, type QueueName, queueNames, type Queues } from './queues.ts';

/** Finished jobs go at once: the row is the record, and a kept id would swallow the sweep's nudge. */
const removeFinished = { removeOnComplete: true, removeOnFail: true };
/** Failures are bugs here (waiting is not failing); a few tries for passing faults, then the sweep takes over. */
const jobDefaults = { attempts: 5, backoff: { type: 'exponential', delay: 500 }, ...removeFinished };

/** A nudge that takes longer is left to the sweep; the step that gave it goes on. */
const usualNudgeTimeoutMs = 5_000;

export interface OpenQueuesOptions {
  onError(error: Error): void;
  onMissed(name: QueueName, error: Error): void;
  nudgeTimeoutMs?: number;
}

/**
 * Opens the producers' side of all six queues. Adding never fails: what a nudge is about was committed before, so a
 * queue that is away is told to `onMissed`, and the sweep nudges again. Failing would only run a finished step once more.
 */
export function openQueues(
  backend: Backend,
  { onError, onMissed, nudgeTimeoutMs = usualNudgeTimeoutMs }: OpenQueuesOptions,
): Queues {
  const queues = new Map<QueueName, Queue>();
  for (const name of queueNames) {
    const queue = backend.openQueue(name, { defaultJobOptions: jobDefaults });
    queue.on('error', onError);
    queues.set(name, queue);
  }
  const queue = (name: QueueName) => queues.get(name)!;
  const nudge = (name: QueueName, adding: Promise<unknown>) =>
    inTime(adding, nudgeTimeoutMs).then(
      () => undefined,
      (error: Error) => onMissed(name, error),
    );
  return {
    queue,
    async add(name, data, options = {}) {
      const delay = options.delayMs ?? 0;
      await nudge(name, queue(name).add(name, data, { ...optionsFor(name, data), delay }));
    },
    async addMany(name, data, by) {
      if (data.length === 0) return;
      const jobs = data.map((one) => ({ name, data: one, opts: optionsFor(name, one, by) }));
      const isFew = backend.kind === 'postgres' && jobs.length < bulkMin;
      await nudge(name, isFew ? addEach(queue(name), jobs) : queue(name).addBulk(jobs));
    },
    async close() {
      await Promise.all([...queues.values()].map((one) => one.close()));
    },
  };
}

/**
 * On Postgres BullMQ adds in bulk through two temporary tables, and making those writes 26 KB to the log, as much as a
 * hundred jobs added one by one.
 */
const bulkMin = 100;

async function addEach(
  queue: Queue,
  jobs: readonly { name: string; data: unknown; opts: object }[],
): Promise<void> {
  for (const { name, data, opts } of jobs) await queue.add(name, data, opts);
}

function optionsFor<Name extends QueueName>(name: Name, data: Jobs[Name], by?: number) {
  const id = jobIdOf(name, data);
  const jobId = id && by !== undefined ? `${id}-by-${by}` : id;
  const priority = priorityOf(name, data);
  return { ...(jobId ? { jobId } : {}), ...(priority ? { priority } : {}) };
}
