import { loadConfig, readEnvironment } from '../config.ts';
import { type Context, openContext } from '../context.ts';
import { syncCuratedTopics } from '../db/topics.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { evictionFault, readRedisState } from '../queue/redis-state.ts';
import { tick } from '../queue/schedule.ts';
import { runUntilSignal } from '../shutdown.ts';
import { listenWeb } from '../web/listen.ts';
import { startWorkers } from '../../workers/all.ts';
import { type Command, UsageError } from './command.ts';
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
      waitsMs: databaseWaitMs,
    });
    const running = runUntilSignal(ctx.log, () => ctx.close());
    try {
      await startRoles(ctx, chosen, { preview: options['preview'] === true, closers: running.closers });
      if (config.local) await introduce(ctx, { openedMs: performance.now() - startedMs });
      else ctx.log.info({ roles: [...chosen], url: config.publicUrl }, 'started');
    } catch (error) {
      // What fails because we are stopping is no failure.
      if (!running.isStopping()) {
        await running.closeAll();
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
  if (ctx.config.local) return;
  closers.push(startHeartbeat(ctx));
  if (ctx.config.redisUrl) await warnOfEviction(ctx, ctx.config.redisUrl);
}

/** Puts the schedules in place at once and each minute, from a timer of its own (RULES 7). */
function startScheduler(ctx: Context): () => Promise<void> {
  void tick(ctx);
  const timer = setInterval(() => void tick(ctx), tickMs);
  return async () => clearInterval(timer);
}

/** A setting that loses jobs is said once, at the start; a Redis that is away is no reason not to start. */
async function warnOfEviction(ctx: Context, redisUrl: string): Promise<void> {
  const fault = await readRedisState(redisUrl).then(evictionFault, () => undefined);
  if (fault) ctx.log.warn(fault);
}

const tickMs = 60_000;
/** A restart, a recovery after a crash or a failover takes less. What ends then is started again by its supervisor. */
const databaseWaitMs = 60_000;

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
