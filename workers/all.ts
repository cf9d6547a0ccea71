import type { Context } from '../src/context.ts';
import { keepHeapSmall } from '../src/heap.ts';
import { startPreparation } from '../src/preparation.ts';
import { startCompose } from './compose.ts';
import { startDeliver } from './deliver.ts';
import { startIngest } from './ingest.ts';
import { startPlan } from './plan.ts';
import { startSweep } from './sweep.ts';
import { startTrack } from './track.ts';

export interface Workers {
  /** Takes no new jobs, waits for those at hand. */
  close(): Promise<void>;
}

/** Starts the workers that an edition needs; `start` adds the one that reads sources. */
export function startWorkers(ctx: Context, { ingests }: { ingests: boolean }): Workers {
  keepHeapSmall();
  const workers = [startPlan(ctx), startCompose(ctx), startDeliver(ctx), startTrack(ctx), startSweep(ctx)];
  if (ingests) workers.push(startIngest(ctx));
  const endPreparation = startPreparation(ctx);
  return {
    async close() {
      await Promise.all([endPreparation(), ...workers.map((worker) => worker.close())]);
    },
  };
}
