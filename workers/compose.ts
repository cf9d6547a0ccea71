import type { Context } from '../src/context.ts';
import { openComposer } from '../src/pipeline/lead.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 3 of 6. Two ranges at a time, because one waits for the database a third of its own. */
export const startCompose = (ctx: Context) => startWorker(ctx, 'compose', openComposer(), { concurrency: 2 });
