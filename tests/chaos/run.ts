import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../src/db/ledger.ts';
import { type Ledger, total } from '../../src/domain/ledger.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { account, countChangedBytes, countWrongOutcomes, type DateAccount } from './accounts.ts';
import type { Bundle } from './bundle.ts';
import { openDeck } from './dice.ts';
import { disturbances, keepWeb, planDisturbances } from './disturbances.ts';
import { workersOf } from './fleet.ts';
import type { ChaosOptions } from './options.ts';
import { nextDate, playDate, type Run, topUp, turn, whenReady } from './play.ts';
import { pointNames } from './points.ts';
import { playChanged, playOutlived, type Scenario } from './scenarios.ts';
import { openStage } from './stage.ts';

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

const tellEveryMs = 30_000;
const trackTimeoutMs = 90_000;
const trackLookMs = 500;

/** Runs date after date until every kill has struck, then the two scenarios in which some batches must end unknown. */
export async function runChaos(
  options: ChaosOptions,
  { bundle, say, signal }: { bundle: Bundle; say(line: string): void; signal: AbortSignal },
): Promise<ChaosReport> {
  const startedMs = performance.now();
  const stage = await openStage(options, bundle);
  // A fault that never struck is reported as such.
  for (const fault of [...disturbances, ...pointNames.map((point) => `killed ${point}`)])
    stage.struck[fault] = 0;
  let telling: NodeJS.Timeout | undefined;
  try {
    const { plan, owed } = planDisturbances(stage);
    const run: Run = {
      stage,
      signal,
      startedMs,
      taken: new Map(),
      left: new Set(),
      disturbances: plan,
      drawPoint: openDeck(stage.dice, pointNames),
      dates: [],
    };
    const progress = () =>
      say(
        `${run.dates.at(-1)}: ${stage.kills} kills so far, ${Math.round((performance.now() - startedMs) / 1000)} s`,
      );
    telling = setInterval(progress, tellEveryMs);
    stage.fleet.launch({ role: 'web', seed: 0, losesAnswers: 0 });
    do {
      const date = await nextDate(run);
      await playDate(run, date, () => topUp(run));
      progress();
    } while ((stage.kills < options.kills || owed() > 0) && stage.surprises.length === 0);
    stage.provider.tell({ faults: 0 });
    const wrongOutcomes = await settleWebhooks(run);
    const outlived = await playOutlived(run);
    const changed = await playChanged(run);
    await stopGently(run);
    return await conclude(run, { wrongOutcomes, outlived, changed });
  } finally {
    clearInterval(telling);
    await stage.close();
  }
}

/** Waits until all that was told has been worked off, and counts what did not come to be as told. */
async function settleWebhooks(run: Run): Promise<number> {
  const { stage } = run;
  const giveUpAt = performance.now() + trackTimeoutMs;
  for (;;) {
    topUp(run);
    await keepWeb(stage);
    await turn(run).catch(() => {});
    await pause(trackLookMs);
    const report = await stage.provider.report();
    const isOver = performance.now() > giveUpAt;
    if (report.webhooks.open > 0 && !isOver) continue;
    const wrong = await countWrongOutcomes(stage, report).catch(() => Infinity);
    if (wrong === 0 || isOver) return wrong;
  }
}

/** SIGTERM to every worker: each must end by itself, in time, without an error. */
async function stopGently({ stage }: Run): Promise<void> {
  const workers = workersOf(stage.fleet);
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
