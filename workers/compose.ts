import type { Context } from '../src/context.ts';
import { compose } from '../src/pipeline/compose.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 3 of 6. One range at a time: compose keeps a core busy by itself. */
export const startCompose = (ctx: Context) => startWorker(ctx, 'compose', compose, { concurrency: 2 });
