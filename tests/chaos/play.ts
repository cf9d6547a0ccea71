import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { isHeldByTheLiving } from '../../src/db/batches.ts';
import { listHeldEditions } from '../../src/db/held-editions.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { listOpenRanges } from '../../src/db/ranges.ts';
import { addDays } from '../../src/domain/cadence.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import type { TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { collect, type Taken } from './accounts.ts';
import type { Disturbance } from './disturbances.ts';
import { type Member, workersOf } from './fleet.ts';
import type { PointName } from './points.ts';
import { insist, type Stage, zones } from './stage.ts';

/** What a run remembers from date to date. */
export interface Run {
  stage: Stage;
  /** Aborted when the kit itself is to stop. */
  signal: AbortSignal;
  startedMs: number;
  taken: Taken;
  left: Set<number>;
  disturbances: Disturbance[];
  /** The next point to die at. */
  drawPoint(): PointName;
  dates: string[];
}

const processesCount = 3;
const lookMs = 250;
/** Nothing settled and nobody killed for so long: then it never will. */
const standstillMs = 90_000;
const nudgeEveryMs = 1_500;
const rangesMax = 100;
const leaveEveryMs = 4_000;
const leaversShareMax = 0.05;
/** More than this, and nothing works at all. */
const surprisesMax = 10;
const randomShare = 0.25;
const randomDeathMs = [300, 4_000] as const;
/** A point that does not come about for so long may never. */
const pointTimeoutMs = 12_000;
const losesAnswers = 0.01;
const firstDate = '2026-03-20';
const papersADay = 5;

/** The next date's papers are read; nobody is due for it yet. */
export async function nextDate(run: Run): Promise<string> {
  const date = addDays(firstDate, run.dates.length);
  run.dates.push(date);
  await insist(() => seedDay(run.stage.ctx as TestContext, addDays(date, -1), papersADay));
  return date;
}

/** Lets one date come round, zone after zone, and goes on until nothing of it is pending. */
export async function playDate(run: Run, date: string, crew: () => void): Promise<void> {
  const { stage } = run;
  for (const { hour } of zones) {
    stage.setNow(new Date(`${date}T${String(hour).padStart(2, '0')}:05:00Z`));
    await playUntil(run, date, crew, () => isPlanned(stage));
  }
  await playUntil(run, date, crew, async () => (await readLedger(stage.ctx.db, date)).pending === 0);
  await collect(stage, run.taken);
}

/** Keeps the world turning until something is so. What takes far too long is a surprise, and the run goes on. */
export async function playUntil(
  run: Run,
  date: string,
  crew: () => void,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const { stage } = run;
  let giveUpAt = performance.now() + standstillMs;
  let standing = '';
  let nudgedMs = -Infinity;
  let leftMs = performance.now();
  while (!(await isSo().catch(() => false))) {
    run.signal.throwIfAborted();
    if (stage.surprises.length > surprisesMax) throw new Error(stage.surprises.join('\n'));
    const nowMs = performance.now();
    const now = `${stage.kills} ${await countSettled(stage).catch(() => standing)}`;
    if (now !== standing) [standing, giveUpAt] = [now, nowMs + standstillMs];
    if (nowMs > giveUpAt) {
      const held = await listHeldEditions(stage.ctx.db).catch(() => []);
      const why = held.map(({ reason }) => `, held: ${reason}`).join('');
      stage.surprises.push(`${date}: still pending when time was up${why}`);
      return;
    }
    crew();
    for (const disturb of run.disturbances) await disturb(stage);
    if (nowMs - nudgedMs > nudgeEveryMs) {
      nudgedMs = nowMs;
      await turn(run).catch(() => {});
    }
    if (nowMs - leftMs > leaveEveryMs && run.left.size < stage.readers.length * leaversShareMax) {
      leftMs = nowMs;
      await leave(run).catch(() => {});
    }
    await pause(lookMs);
  }
}

/** Goes up with every step that leads anywhere. */
async function countSettled({ ctx }: Stage): Promise<number> {
  const { rows } = await sql<{ n: number }>`select (select count(composed_at) from ranges)::int
    + (select count(settled_at) from batches)::int n`.execute(ctx.db);
  return rows[0]!.n;
}

/** The clock's work: what production does each minute, at the pace of the kit. */
export async function turn(run: Run): Promise<void> {
  const { ctx } = run.stage;
  await ctx.queues.add('plan', {});
  await sweep(ctx);
  await nudgePast(run.stage);
}

/** Past the jobs that a killed worker left behind as if it were at them: production waits until they count as stalled. */
async function nudgePast({ ctx, kills }: Stage): Promise<void> {
  const ranges = await listOpenRanges(ctx.db, rangesMax);
  await ctx.queues.addMany(
    'compose',
    ranges.map((rangeId) => ({ rangeId })),
    kills,
  );
  const { rows } = await sql<{ batchId: number }>`select id "batchId" from batches b
    where state in ('composed', 'frozen') and lease is not null and not ${isHeldByTheLiving('b.lease')}`.execute(
    ctx.db,
  );
  await ctx.queues.addMany('deliver', rows, kills);
  await ctx.queues.addMany('track', [{}], kills);
}

async function isPlanned({ ctx }: Stage): Promise<boolean> {
  const { rows } = await sql`select 1 from slots where next_due_at <= ${ctx.now()}`.execute(ctx.db);
  return rows.length === 0;
}

/** Somebody leaves, while mails to them are anywhere on their way. */
async function leave({ stage, left }: Run): Promise<void> {
  const { id } = stage.dice.pick(stage.readers);
  left.add(id);
  await unsubscribe(stage.ctx, id);
  stage.struck['a reader left'] = (stage.struck['a reader left'] ?? 0) + 1;
}

/** As many processes as there should be, each with its own death while kills are left. */
export function topUp(run: Run): void {
  const { stage } = run;
  const { fleet, dice, options } = stage;
  const workers = workersOf(fleet);
  let promised = workers.filter(({ assignment }) => assignment.dies).length;
  for (let n = workers.length; n < processesCount; n += 1) {
    const isToDie = stage.kills + promised < options.kills;
    if (isToDie) promised += 1;
    const dies = { at: run.drawPoint(), nth: 1 };
    const seed = dice.between(1, 1_000_000);
    const member = fleet.launch({ role: 'workers', seed, losesAnswers, ...(isToDie && { dies }) });
    if (!isToDie) continue;
    member.process.once('message', () => {
      setTimeout(
        () => {
          if (member.process.exitCode === null) fleet.kill(member, 'killed at random');
        },
        dice.chance(randomShare) ? dice.between(...randomDeathMs) : pointTimeoutMs,
      ).unref();
    });
  }
}

/** Resolves when it works, or has ended. */
export async function whenReady(member: Member): Promise<void> {
  while (!member.isReady && member.process.exitCode === null) await pause(lookMs);
}
