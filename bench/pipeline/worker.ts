/** One worker process of ours, as `start --roles workers` runs it, that also tells its parent what it used. */
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { startWorkers } from '../../workers/all.ts';
import { answerParent } from '../answering.ts';

const ctx = await openContext(loadConfig(process.env), { delivers: true });
const workers = startWorkers(ctx, { ingests: false });
answerParent({}, async () => {
  await workers.close();
  await ctx.close();
});
