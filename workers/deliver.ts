import type { Context } from '../src/context.ts';
import { deliver } from '../src/pipeline/deliver.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 4 of 6. Four are at a request body (bodies.ts), while one begins and another ends. */
export const startDeliver = (ctx: Context) => startWorker(ctx, 'deliver', deliver, { concurrency: 6 });
