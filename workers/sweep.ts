import type { Context } from '../src/context.ts';
import { sweep } from '../src/pipeline/sweep.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 6 of 6. */
export const startSweep = (ctx: Context) => startWorker(ctx, 'sweep', sweep);
