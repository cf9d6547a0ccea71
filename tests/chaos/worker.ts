/**
 * One worker process of the chaos kit: the real workers, on a context whose database and transport may strike. Its
 * parent says over IPC what time it is by the business clock, and assigns the point at which to die.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { runUntilSignal } from '../../src/shutdown.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { listenWeb } from '../../src/web/listen.ts';
import { startWorkers } from '../../workers/all.ts';
import { openDice } from './dice.ts';
import { openFaultyPool } from './faulty-pool.ts';
import { type Moment, type PointName, points } from './points.ts';

export interface Assignment {
  role: 'workers' | 'web';
  seed: number;
  now: string;
  /** Where to die, at the nth time; never when left out. */
  dies?: { at: PointName; nth: number };
  /** How often an answer of the database gets lost. */
  losesAnswers: number;
}

export type FromWorker = { ready: true } | { struck: string };
export interface ToWorker {
  now?: string;
  /** Another death than the one assigned. */
  dies?: Assignment['dies'];
}

const inFlightMsMax = 40;
const slowComposeMsMax = 1_500;
/** As `start` does. */
const databaseWaitMs = 60_000;

const assignment = JSON.parse(process.argv[2]!) as Assignment;
const dice = openDice(assignment.seed);
let clock = new Date(assignment.now);
process.on('message', ({ now, dies }: ToWorker) => {
  if (now) clock = new Date(now);
  if (dies) assignment.dies = dies;
});
// Without its parent nobody would ever end it.
const onOrphaned = () => process.exit(1);
process.on('disconnect', onOrphaned);

const tell = (message: FromWorker) =>
  new Promise<void>((resolve) => void process.send!(message, undefined, {}, () => resolve()));

let reached = 0;
async function at(moment: Moment): Promise<void> {
  const { dies } = assignment;
  if (moment === 'before digests' && dice.chance(0.3)) await pause(dice.between(200, slowComposeMsMax));
  if (!dies || points[dies.at] !== moment || ++reached !== dies.nth) return;
  await die(dies.at);
}

/** Nothing of this process goes on after the point: the kernel ends it before the next statement could leave. */
async function die(point: PointName): Promise<never> {
  await tell({ struck: `killed ${point}` });
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

function faultyTransport(real: Transport): Transport {
  return {
    ...real,
    async submit(request) {
      const answer = real.submit(request);
      if (assignment.dies?.at === 'mid-request') {
        await pause(dice.between(0, inFlightMsMax));
        await at('during request');
      }
      const receipt = await answer;
      await at('after request');
      return receipt;
    },
  };
}

const config = loadConfig(process.env);
const ctx = await openContext(config, {
  now: () => clock,
  delivers: assignment.role === 'workers',
  waitsMs: databaseWaitMs,
});
const running = runUntilSignal(ctx.log, () => ctx.close());
if (assignment.role === 'web') {
  const web = await listenWeb(ctx);
  running.closers.push(() => web.close());
} else {
  const pool = openFaultyPool(config.databaseUrl!, {
    at,
    losesAnswer(mark) {
      const isLost = dice.chance(assignment.losesAnswers);
      if (isLost) void tell({ struck: `lost the database's answer to "${mark}"` });
      return isLost;
    },
  });
  const chaos = { ...ctx, pool: ctx.pool, db: openDatabase(pool), transport: faultyTransport(ctx.transport) };
  const workers = startWorkers(chaos, { ingests: false });
  running.closers.push(() => pool.end());
  running.closers.push(() => workers.close());
}
await tell({ ready: true });
await running.stopped;
process.off('disconnect', onOrphaned);
process.disconnect();
