import type { Context } from '../src/context.ts';
import { deliver } from '../src/pipeline/deliver.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 4 of 6. Four batches are at a request body (bodies.ts), while others of their jobs wait for a place. */
export const startDeliver = (ctx: Context) => startWorker(ctx, 'deliver', deliver, { concurrency: 3 });
