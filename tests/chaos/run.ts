import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { readLedger } from '../../src/db/ledger.ts';
import { addDays } from '../../src/domain/cadence.ts';
import { type Ledger, total } from '../../src/domain/ledger.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { nudge, sweep } from '../../src/pipeline/sweep.ts';
import type { TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import {
  account,
  collect,
  type DateAccount,
  countChangedBytes,
  countWrongOutcomes,
  type Taken,
} from './accounts.ts';
import { type Disturbance, planDisturbances } from './disturbances.ts';
import type { Member } from './fleet.ts';
import type { ChaosOptions } from './options.ts';
import { type PointName, pointNames } from './points.ts';
import { insist, openStage, type Stage, zones } from './stage.ts';

export interface Scenario {
  inFlight: number;
  /** Batches that ended as unknown; must be exactly those in flight. */
  unknown: number;
  isExact: boolean;
}

export interface ChaosReport {
  options: ChaosOptions;
  seconds: number;
  kills: number;
  struck: Record<string, number>;
  requests: number;
  webhooks: number;
  ledgers: Ledger[];
  taken: number;
  doubled: number;
  lost: number;
  unknown: number;
  surplus: number;
  shared: number;
  changedBytes: number;
  wrongOutcomes: number;
  outlived: Scenario;
  changed: Scenario;
  surprises: string[];
}

const processesCount = 3;
const lookMs = 250;
/** Nothing settled and nobody killed for so long: then it never will. */
const standstillMs = 90_000;
const nudgeEveryMs = 1_500;
const leaveEveryMs = 4_000;
const leaversShareMax = 0.05;
/** More than this, and nothing works at all. */
const surprisesMax = 10;
const trackTimeoutMs = 90_000;
const randomDeathMs = [1_500, 9_000] as const;
const losesAnswers = 0.01;
const firstDate = '2026-03-20';
const papersADay = 5;

/** What a run remembers from date to date. */
interface Run {
  stage: Stage;
  /** Aborted when the kit itself is to stop. */
  signal: AbortSignal;
  startedMs: number;
  taken: Taken;
  left: Set<number>;
  disturbances: Disturbance[];
  dates: string[];
}

/** Runs date after date until every kill has struck, then the two scenarios in which some batches must end unknown. */
export async function runChaos(
  options: ChaosOptions,
  { say, signal }: { say(line: string): void; signal: AbortSignal },
): Promise<ChaosReport> {
  const startedMs = performance.now();
  const stage = await openStage(options);
  try {
    const run: Run = {
      stage,
      signal,
      startedMs,
      taken: new Map(),
      left: new Set(),
      disturbances: planDisturbances(stage),
      dates: [],
    };
    stage.fleet.launch({ role: 'web', seed: 0, losesAnswers: 0 });
    do {
      const date = await nextDate(run);
      await playDate(run, date, () => topUp(run));
      say(`${date}: ${stage.kills} kills so far, ${Math.round((performance.now() - startedMs) / 1000)} s`);
    } while (stage.kills < options.kills && stage.surprises.length === 0);
    stage.provider.tell({ faults: 0 });
    const wrongOutcomes = await settleWebhooks(run);
    const outlived = await playOutlived(run);
    const changed = await playChanged(run);
    await stopGently(run);
    return await conclude(run, { wrongOutcomes, outlived, changed });
  } finally {
    await stage.close();
  }
}

/** The next date's papers are read; nobody is due for it yet. */
async function nextDate(run: Run): Promise<string> {
  const date = addDays(firstDate, run.dates.length);
  run.dates.push(date);
  await insist(() => seedDay(run.stage.ctx as TestContext, addDays(date, -1), papersADay));
  return date;
}

/** Lets one date come round, zone after zone, and goes on until nothing of it is pending. */
async function playDate(run: Run, date: string, crew: () => void): Promise<void> {
  const { stage } = run;
  for (const { hour } of zones) {
    stage.setNow(new Date(`${date}T${String(hour).padStart(2, '0')}:05:00Z`));
    await playUntil(run, date, crew, () => isPlanned(stage));
  }
  await playUntil(run, date, crew, async () => (await readLedger(stage.ctx.db, date)).pending === 0);
  await collect(stage, run.taken);
}

/** Keeps the world turning until something is so. What takes far too long is a surprise, and the run goes on. */
async function playUntil(
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
      stage.surprises.push(`${date}: still pending when time was up`);
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
async function turn(run: Run): Promise<void> {
  const { ctx } = run.stage;
  await ctx.queues.add('plan', {});
  await ctx.queues.add('track', {});
  await sweep(ctx);
  // Past jobs that a killed worker left behind as if it were at them.
  await nudge(ctx, run.stage.kills);
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
function topUp({ stage }: Run): void {
  const { fleet, dice, options } = stage;
  const workers = [...fleet.members].filter(({ assignment }) => assignment.role === 'workers');
  let promised = workers.filter(({ assignment }) => assignment.dies).length;
  for (let n = workers.length; n < processesCount; n += 1) {
    const isToDie = stage.kills + promised < options.kills;
    if (isToDie) promised += 1;
    const dies = { at: dice.pick(pointNames), nth: dice.between(1, 2) };
    const seed = dice.between(1, 1_000_000);
    const member = fleet.launch({ role: 'workers', seed, losesAnswers, ...(isToDie && { dies }) });
    if (!isToDie) continue;
    member.process.once('message', () => {
      setTimeout(
        () => {
          if (member.process.exitCode === null) fleet.kill(member, 'killed at random');
        },
        dice.between(...randomDeathMs),
      ).unref();
    });
  }
}

/** Waits until all that was told has been worked off, and counts what did not come to be as told. */
async function settleWebhooks(run: Run): Promise<number> {
  const { stage } = run;
  const giveUpAt = performance.now() + trackTimeoutMs;
  for (;;) {
    topUp(run);
    await turn(run).catch(() => {});
    await pause(lookMs);
    const report = await stage.provider.report();
    const wrong = await countWrongOutcomes(stage, report).catch(() => Infinity);
    if ((report.webhooks.open === 0 && wrong === 0) || performance.now() > giveUpAt) return wrong;
  }
}

/** Workers die with answers in hand, and nobody comes back before the keys have expired. */
async function playOutlived(run: Run): Promise<Scenario> {
  return playScenario(run, 'before-settle', async (ids) => {
    await sql`update batches set first_attempt_at = first_attempt_at - interval '21 hours',
      uncertain_at = uncertain_at - interval '21 hours' where id = any(${ids}::int[])`.execute(
      run.stage.ctx.db,
    );
  });
}

/** Workers die just before their requests, and then a digest's row is no longer what it was. */
async function playChanged(run: Run): Promise<Scenario> {
  return playScenario(run, 'after-freeze', async (ids) => {
    await sql`update digests d set address_version = d.address_version + 1 from batches b
      where b.id = any(${ids}::int[]) and d.local_date = b.edition_date and d.batch_id = coalesce(b.origin_id, b.id)
        and d.position = b.positions[1]`.execute(run.stage.ctx.db);
  });
}

/** A date in which every process dies at one point; what was in flight then is harmed, and others finish the date. */
async function playScenario(
  run: Run,
  dies: PointName,
  harm: (batchIds: number[]) => Promise<void>,
): Promise<Scenario> {
  const { stage } = run;
  const { db } = stage.ctx;
  run.disturbances = [];
  const date = await nextDate(run);
  topUp(run);
  const doomed = [...stage.fleet.members].filter(({ assignment }) => assignment.role === 'workers');
  for (const member of doomed) await whenReady(member);
  for (const member of doomed) stage.fleet.doom(member, { at: dies, nth: 1 });
  stage.setNow(new Date(`${date}T11:05:00Z`));
  await playUntil(
    run,
    date,
    () => {},
    async () => doomed.some(({ isDoomed }) => isDoomed),
  );
  for (const member of doomed) stage.fleet.kill(member, `killed ${dies}`);
  await Promise.all(doomed.map(({ ended }) => ended));
  const { rows } = await sql<{ id: number }>`select id from batches where state = 'frozen'`.execute(db);
  const inFlight = rows.map(({ id }) => id);
  await harm(inFlight);
  await playDate(run, date, () => topUp(run));
  const found = await sql<{ id: number }>`select id from batches where state = 'unknown'
    and edition_date = ${date} order by id`.execute(db);
  const unknown = found.rows.map(({ id }) => id);
  const isExact = inFlight.length > 0 && unknown.join() === inFlight.toSorted((a, b) => a - b).join();
  return { inFlight: inFlight.length, unknown: unknown.length, isExact };
}

async function whenReady(member: Member): Promise<void> {
  while (!member.isReady && member.process.exitCode === null) await pause(lookMs);
}

/** SIGTERM to every worker: each must end by itself, in time, without an error. */
async function stopGently({ stage }: Run): Promise<void> {
  const workers = [...stage.fleet.members].filter(({ assignment }) => assignment.role === 'workers');
  for (const member of workers) await whenReady(member);
  for (const { process: child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));
}

async function conclude(
  { stage, dates, taken, left, startedMs }: Run,
  scenarios: Pick<ChaosReport, 'wrongOutcomes' | 'outlived' | 'changed'>,
): Promise<ChaosReport> {
  await sweep(stage.ctx);
  const report = await stage.provider.report();
  const accounts: DateAccount[] = [];
  const ledgers: Ledger[] = [];
  for (const date of dates) {
    accounts.push(await account(stage, date, taken, left));
    ledgers.push(await readLedger(stage.ctx.db, date));
  }
  const sum = (of: 'doubled' | 'lost' | 'surplus' | 'taken') =>
    accounts.reduce((all, one) => all + one[of], 0);
  // The last two dates are those of the scenarios.
  const usual = ledgers.slice(0, -2);
  for (const [n, ledger] of usual.entries()) {
    if (!ledger.closed) stage.surprises.push(`${ledger.date}: not closed`);
    if (ledger.accepted !== accounts[n]!.taken)
      stage.surprises.push(`${ledger.date}: ${ledger.accepted} accepted, ${accounts[n]!.taken} taken`);
    if (total(ledger.failed) > 0) stage.surprises.push(`${ledger.date}: ${total(ledger.failed)} failed`);
  }
  return {
    options: stage.options,
    seconds: Math.round((performance.now() - startedMs) / 1000),
    kills: stage.kills,
    struck: { ...stage.struck, ...report.struck },
    requests: report.requests,
    webhooks: report.webhooks.posted,
    ledgers,
    taken: sum('taken'),
    doubled: sum('doubled'),
    lost: sum('lost'),
    surplus: sum('surplus'),
    unknown: usual.reduce((all, { unknown }) => all + unknown, 0),
    shared: report.shared,
    changedBytes: await countChangedBytes(stage, report),
    ...scenarios,
    surprises: stage.surprises,
  };
}
