import type { Backend } from './backend.ts';
import { inTime } from './in-time.ts';
import type { Queues } from './queues.ts';

const answersWithinMs = 3_000;

/** Asks the queues one small thing. Throws when they are away, or do not answer in time. */
export async function askQueues(queues: Queues): Promise<void> {
  await inTime(queues.queue('plan').getJobCountByTypes('waiting'), answersWithinMs);
}

/** For people: who it is that does not answer. */
export function queuesAwayInWords({ kind }: Backend): string {
  return `The queues do not answer; they live in ${kind === 'redis' ? 'Redis' : 'Postgres'}.`;
}
