import type { Queue } from 'bullmq';
import type { BatchNudge } from '../domain/nudges.ts';

/**
 * The six queues and what their jobs carry: ids, never contents. A row in Postgres is the truth; a job is a
 * nudge that may come twice, late, or not at all.
 */
export interface Jobs {
  /** Nothing: read what is due from every configured source. Or one source and day. */
  ingest: { source?: string; day?: string };
  /** The business clock's moment, where it isn't now. */
  plan: { at?: string };
  compose: { rangeId: number };
  /** What is `patient` lets notices that somebody waits for go first. */
  deliver: BatchNudge | { noticeId: number; patient?: boolean };
  track: Record<string, never>;
  sweep: { at?: string };
}

export type QueueName = keyof Jobs;
export const queueNames = ['ingest', 'plan', 'compose', 'deliver', 'track', 'sweep'] as const;

/**
 * What producers hold. `add` never repeats a job that still waits: the row's id is the job's id. It never fails either:
 * a nudge that could not be given is logged, and the sweep gives another.
 */
export interface Queues {
  add<Name extends QueueName>(name: Name, data: Jobs[Name], options?: { delayMs?: number }): Promise<void>;
  /** `by` makes the ids those of one nudger: past a job that a killed worker left behind as if it were at it. */
  addMany<Name extends QueueName>(name: Name, data: Jobs[Name][], by?: number): Promise<void>;
  /** The queue itself, for schedules, counts and the operators' board. */
  queue(name: QueueName): Queue;
  close(): Promise<void>;
}

/**
 * The id under which a job is queued, so that a double nudge is one job. Finished jobs are removed at once, so that an
 * id never blocks the sweep's next nudge. Undefined lets BullMQ choose.
 */
export function jobIdOf<Name extends QueueName>(name: Name, data: Jobs[Name]): string | undefined {
  if ('rangeId' in data) return `range-${data.rangeId}`;
  if ('batchId' in data) return `batch-${data.batchId}`;
  if ('noticeId' in data) return `notice-${data.noticeId}`;
  if (name === 'track') return 'track-inbox';
  return undefined;
}

/**
 * Notices overtake digests (RULES 15), and those that somebody waits for overtake announcements. BullMQ: smaller is
 * sooner, 0 is none and comes first.
 */
export function priorityOf<Name extends QueueName>(name: Name, data: Jobs[Name]): number {
  if (name !== 'deliver') return 0;
  if (!('noticeId' in data)) return 10;
  return data.patient ? 5 : 0;
}
