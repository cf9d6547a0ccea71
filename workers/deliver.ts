import type { Context } from '../src/context.ts';
import { deliver } from '../src/pipeline/deliver.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 4 of 6. Two request bodies in flight at most: the next is made while one is under way. */
export const startDeliver = (ctx: Context) => startWorker(ctx, 'deliver', deliver, { concurrency: 2 });
