import type { Context } from '../src/context.ts';
import { track } from '../src/pipeline/track.ts';
import { startWorker } from '../src/queue/worker.ts';

/** Queue 5 of 6. */
export const startTrack = (ctx: Context) => startWorker(ctx, 'track', track);
