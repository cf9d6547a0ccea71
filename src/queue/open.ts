import type { Queue } from 'bullmq';
import type { Backend } from './backend.ts';
import { jobIdOf, type Jobs, priorityOf, type QueueName, queueNames, type Queues } from './queues.ts';

/** Finished jobs go at once: the row is the record, and a kept id would swallow the sweep's nudge. */
const removeFinished = { removeOnComplete: true, removeOnFail: true };
/** Failures are bugs here (waiting is not failing); a few tries for passing faults, then the sweep takes over. */
const jobDefaults = { attempts: 5, backoff: { type: 'exponential', delay: 500 }, ...removeFinished };

/** Opens the producers' side of all six queues. A queue that is away never loses work: see `Queues`. */
export function openQueues(backend: Backend, onError: (error: Error) => void): Queues {
  const queues = new Map<QueueName, Queue>();
  for (const name of queueNames) {
    const queue = backend.openQueue(name, { defaultJobOptions: jobDefaults });
    queue.on('error', onError);
    queues.set(name, queue);
  }
  const queue = (name: QueueName) => queues.get(name)!;
  return {
    queue,
    async add(name, data, options = {}) {
      await queue(name).add(name, data, { ...optionsFor(name, data), delay: options.delayMs ?? 0 });
    },
    async addMany(name, data, by) {
      if (data.length === 0) return;
      await queue(name).addBulk(data.map((one) => ({ name, data: one, opts: optionsFor(name, one, by) })));
    },
    async close() {
      await Promise.all([...queues.values()].map((one) => one.close()));
    },
  };
}

function optionsFor<Name extends QueueName>(name: Name, data: Jobs[Name], by?: number) {
  const id = jobIdOf(name, data);
  const jobId = id && by !== undefined ? `${id}-by-${by}` : id;
  const priority = priorityOf(name, data);
  return { ...(jobId ? { jobId } : {}), ...(priority ? { priority } : {}) };
}
