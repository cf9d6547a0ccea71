import type { Context } from '../src/context.ts';
import { ingestJob } from '../src/pipeline/ingest.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 1 of 6. One reader of sources at a time is what they ask for. */
export const startIngest = (ctx: Context) => startWorker(ctx, 'ingest', ingestJob);
