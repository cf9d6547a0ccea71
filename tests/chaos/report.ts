import type { ChaosReport } from './run.ts';
import type { Scenario } from './scenarios.ts';

/** What was promised and not kept; empty when the run held. */
export function failures(report: ChaosReport): string[] {
  const never: [words: string, times: number][] = [
    ['doubled', report.doubled],
    ['lost', report.lost],
    ['unknown', report.unknown],
    ['mailed although skipped', report.surplus],
    ['sent with other bytes than those frozen', report.changedBytes],
    ['at hand in two living processes', report.shared],
    ['outcomes not as reported', report.wrongOutcomes],
  ];
  return [
    ...never.filter(([, times]) => times > 0).map(([words, times]) => `${times} ${words}`),
    ...inexact('the keys outlived', report.outlived),
    ...inexact('the bytes changed', report.changed),
    ...report.surprises,
  ];
}

/** The report for a person, and for docs/guarantees.md. */
export function inLines(report: ChaosReport): string[] {
  const { options, ledgers } = report;
  const failed = failures(report);
  const audience = ledgers.reduce((all, ledger) => all + ledger.audience, 0);
  const accepted = ledgers.reduce((all, ledger) => all + ledger.accepted, 0);
  const lines = [
    `doubled ${report.doubled}, lost ${report.lost}, unknown ${report.unknown}`,
    '',
    `${number(options.subscribers)} subscribers, ${ledgers.length} dates, queues on ${options.backend}, seed ${options.seed}, ${report.seconds} s`,
    `${number(report.requests)} requests; ${number(audience)} digests due, ${number(accepted)} accepted in the ledgers, ${number(report.taken)} mails taken`,
    `${number(report.webhooks)} webhooks, ${report.wrongOutcomes} outcomes not as reported`,
    `bytes other than those frozen ${report.changedBytes}, two living processes at one batch ${report.shared}, mailed although skipped ${report.surplus}`,
    `the keys outlived: ${inWords(report.outlived)}`,
    `the bytes changed: ${inWords(report.changed)}`,
    '',
    ...Object.entries(report.struck)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([fault, times]) => `${String(times).padStart(6)}  ${fault}`),
  ];
  if (failed.length > 0) lines.push('', 'FAILED', ...failed.map((words) => `  ${words}`));
  return lines;
}

function inexact(name: string, scenario: Scenario): string[] {
  if (scenario.isExact) return [];
  return [`${name}: unknown is not exactly what was in flight (${inWords(scenario)})`];
}

function inWords({ inFlight, unknown, isExact }: Scenario): string {
  return `${inFlight} batches in flight, ${unknown} unknown${isExact ? ', exactly those' : ''}`;
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
