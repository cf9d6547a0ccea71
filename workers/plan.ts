import type { Context } from '../src/context.ts';
import { plan } from '../src/pipeline/plan.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 2 of 6. */
export const startPlan = (ctx: Context) => startWorker(ctx, 'plan', plan);
