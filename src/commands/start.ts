import { loadConfig, readEnvironment } from '../config.ts';
import { type Context, openContext } from '../context.ts';
import { syncCuratedTopics } from '../db/topics.ts';
import { upsertSchedules } from '../queue/schedule.ts';
import { listenWeb } from '../web/listen.ts';
import { startWorkers } from '../../workers/all.ts';
import { type Command, exitCodes, UsageError } from './command.ts';
import { introduce } from './introduction.ts';

const roles = ['web', 'scheduler', 'workers'] as const;
type Role = (typeof roles)[number];

export const startCommand: Command = {
  usage: 'start [--roles web,scheduler,workers]',
  does: 'runs everything, or a part',
  options: { roles: { type: 'string' }, preview: { type: 'boolean' } },
  words: { least: 0, most: 0 },
  async run({ options, at }) {
    const chosen = readRoles(options['roles']);
    const config = loadConfig(readEnvironment());
    const startedMs = performance.now();
    const ctx = await openContext(config, {
      ...(at ? { now: tickingFrom(at) } : {}),
      delivers: chosen.has('workers'),
      migrates: config.local,
    });
    const running = runUntilSignal(ctx);
    try {
      await startRoles(ctx, chosen, { preview: options['preview'] === true, closers: running.closers });
      if (config.local) await introduce(ctx, { openedMs: performance.now() - startedMs });
      else ctx.log.info({ roles: [...chosen], url: config.publicUrl }, 'started');
    } catch (error) {
      // What fails because we are stopping is no failure.
      if (!running.isStopping()) {
        await closeAll(running.closers);
        throw error;
      }
    }
    await running.stopped;
  },
};

async function startRoles(
  ctx: Context,
  chosen: ReadonlySet<Role>,
  { preview, closers }: { preview: boolean; closers: (() => Promise<void>)[] },
): Promise<void> {
  await syncCuratedTopics(ctx.db);
  if (chosen.has('web')) {
    const web = await listenWeb(ctx, { preview });
    closers.push(() => web.close());
  }
  if (chosen.has('workers')) {
    const workers = startWorkers(ctx, { ingests: true });
    closers.push(() => workers.close());
  }
  if (chosen.has('scheduler')) closers.push(startScheduler(ctx));
}

/** Puts the schedules in place at once and each minute, from a timer of its own (RULES 7). */
function startScheduler(ctx: Context): () => Promise<void> {
  const tick = () =>
    upsertSchedules(ctx).catch((error: Error) =>
      ctx.log.warn(
        { err: error.message },
        'the schedules could not be put in place; trying again in a minute',
      ),
    );
  void tick();
  const timer = setInterval(() => void tick(), tickMs);
  return async () => clearInterval(timer);
}

const tickMs = 60_000;

function readRoles(given: string | boolean | undefined): ReadonlySet<Role> {
  if (typeof given !== 'string') return new Set(roles);
  const names = given.split(',').map((name) => name.trim());
  const strange = names.find((name) => !roles.includes(name as Role));
  if (strange !== undefined) {
    throw new UsageError(`"${strange}" is no role; there are ${roles.join(', ')}.`);
  }
  return new Set(names as Role[]);
}

/** A business clock that starts at a moment and ticks on. */
function tickingFrom(at: Date): () => Date {
  const startedMs = performance.now();
  return () => new Date(at.getTime() + performance.now() - startedMs);
}

interface Running {
  /** Closed in reverse order when a signal comes. */
  closers: (() => Promise<void>)[];
  isStopping(): boolean;
  /** Resolves when a signal has come and everything is closed. */
  stopped: Promise<void>;
}

/** A wrapper may pass on a Ctrl-C that we had from the terminal already: the same wish, not a second one. */
const sameWishMs = 1_000;

/** Waits for SIGINT or SIGTERM; a second one, a moment later, ends the process at once. */
function runUntilSignal(ctx: Context): Running {
  const closers = [() => ctx.close()];
  let stoppingSinceMs: number | undefined;
  const stopped = new Promise<void>((resolve) => {
    const stop = () => {
      if (stoppingSinceMs !== undefined) {
        if (performance.now() - stoppingSinceMs > sameWishMs) process.exit(exitCodes.failed);
        return;
      }
      stoppingSinceMs = performance.now();
      ctx.log.info('stopping');
      void closeAll(closers).then(resolve);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  return { closers, isStopping: () => stoppingSinceMs !== undefined, stopped };
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close().catch(() => {});
}
