import { insist, type Stage } from './stage.ts';

/** Looked at every moment of a run; strikes when its time has come. */
export type Disturbance = (stage: Stage) => Promise<void>;

const pausedMs = 2_500;

export const disturbances = [
  'Postgres crashes and starts again',
  'Postgres stops and starts again',
  'Redis FLUSHALL',
  'Redis killed and started empty',
  'SIGTERM',
  'killed at random',
  'paused and continued',
  'web process killed',
  'a reader left',
] as const;
type DisturbanceName = (typeof disturbances)[number];

/**
 * What strikes the machine itself, spread evenly over the kills of the run. The first strike of each is made up for even
 * after the last kill, because several processes may die between two looks; `owed` counts those still to come.
 */
export function planDisturbances({ options }: Stage): { plan: Disturbance[]; owed(): number } {
  const { kills } = options;
  const unstruck = new Set<Disturbance>();
  const every = (times: number, first: number, strike: (stage: Stage, nth: number) => Promise<void>) => {
    const distance = Math.max(4, Math.round(kills / times));
    let nth = 0;
    const disturb: Disturbance = async (stage) => {
      if (stage.kills < first + nth * distance || (nth > 0 && stage.kills >= kills)) return;
      unstruck.delete(disturb);
      await strike(stage, nth++);
    };
    if (first <= kills) unstruck.add(disturb);
    return disturb;
  };
  const plan = [
    every(8, 3, restartPostgres),
    every(10, 2, (stage) => withRedis(stage, 'Redis FLUSHALL', (redis) => redis.flush())),
    every(6, 5, restartRedis),
    every(12, 1, pauseOne),
    every(12, 2, stopOne),
    every(12, 4, killWeb),
    keepWeb,
  ];
  return { plan, owed: () => unstruck.size };
}

function count({ struck }: Stage, fault: DisturbanceName): void {
  struck[fault] = (struck[fault] ?? 0) + 1;
}

async function restartPostgres(stage: Stage, nth: number): Promise<void> {
  const how = nth % 2 === 0 ? 'crashes' : 'stops';
  count(stage, `Postgres ${how} and starts again`);
  stage.provider.tell({ tell: 'postgres restarted' });
  await stage.cluster.restart(how);
  stage.provider.tell({ tell: 'postgres restarted' });
}

async function restartRedis(stage: Stage): Promise<void> {
  await withRedis(stage, 'Redis killed and started empty', async (redis) => {
    await redis.kill();
    await redis.start();
  });
}

async function withRedis(
  stage: Stage,
  fault: DisturbanceName,
  strike: (redis: NonNullable<Stage['redis']>) => Promise<void>,
): Promise<void> {
  if (!stage.redis) return;
  count(stage, fault);
  await insist(() => strike(stage.redis!));
}

/** A process that stands still and comes back, as on a machine that is short of memory. */
async function pauseOne(stage: Stage): Promise<void> {
  const member = [...stage.fleet.members].find((one) => one.assignment.role === 'workers' && one.isReady);
  if (!member) return;
  count(stage, 'paused and continued');
  member.process.kill('SIGSTOP');
  setTimeout(() => member.process.kill('SIGCONT'), pausedMs);
}

/** Asked to stop, as in a deployment: it must end by itself, in time and without an error. */
async function stopOne(stage: Stage): Promise<void> {
  const member = [...stage.fleet.members].findLast((one) => one.assignment.role === 'workers' && one.isReady);
  if (!member) return;
  count(stage, 'SIGTERM');
  member.process.kill('SIGTERM');
}

async function killWeb(stage: Stage): Promise<void> {
  const web = [...stage.fleet.members].find(({ assignment }) => assignment.role === 'web');
  if (web) stage.fleet.kill(web, 'web process killed');
}

/** Somebody takes the webhooks and the readers' visits. */
export async function keepWeb(stage: Stage): Promise<void> {
  if ([...stage.fleet.members].some(({ assignment }) => assignment.role === 'web')) return;
  stage.fleet.launch({ role: 'web', seed: 0, losesAnswers: 0 });
}
