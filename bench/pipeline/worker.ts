/** One worker process of ours, as `start --roles workers` runs it, that also tells its parent what it used. */
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { nextHour, prepare } from '../../src/pipeline/prepare.ts';
import { startWorkers } from '../../workers/all.ts';
import { answerParent } from '../answering.ts';

const ctx = await openContext(loadConfig(process.env), { delivers: true });
const workers = startWorkers(ctx, { ingests: false });
answerParent(
  {
    /** What a worker does of itself in the minute before an hour strikes; this clock is not the bench's. */
    async prepare(at: string) {
      const hour = await nextHour(ctx, new Date(Date.parse(at) - 1));
      if (hour) await prepare(ctx, hour, await ctx.indexes.at(hour.at));
    },
  },
  async () => {
    await workers.close();
    await ctx.close();
  },
);
