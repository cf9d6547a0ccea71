/**
 * Report: mails the operator how yesterday went, once a morning, and what has stopped, at once.
 *
 * A row for each cause is committed before anything is sent, and what is sent before the first attempt; so it may die
 * anywhere: the same bytes are replayed under the same key. Over a keyless transport a lost answer is not asked for again.
 */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { readGate } from '../db/gates.ts';
import { listHeldEditions } from '../db/held-editions.ts';
import {
  claimReport,
  type ClaimedReport,
  freezeReport,
  insertReport,
  markReportUncertain,
  releaseReport,
  type ReportName,
  settleReport,
  settleReportsBut,
} from '../db/operator-reports.ts';
import { countReaders } from '../db/overview.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { type Report, tellHalt, tellMorning } from '../domain/report.ts';
import { weekdayOf } from '../domain/weekdays.ts';
import { noticeBody } from '../render/notice.ts';
import { renderReport } from '../render/report.ts';
import { judgeAudience } from './audience.ts';
import { readDay } from './day.ts';
import { countEdition } from './edition-counts.ts';
import { handOver } from './hand-over.ts';

/** When the morning's report leaves: the day before is over in most of the world, and Europe gets up. */
const morningHourUtc = 5;
/** A halt that comes and goes must not fill an inbox. */
export const reportsPerDayMax = 20;
const attemptsMax = 40;
/** A gate that is shut stays shut for a while. */
const shutAgainMs = 15 * 60_000;
const reportsPerSweepMax = 5;
const morning = 'morning';

/** What has stopped, as it can be told as long as it has. */
interface Halt extends ReportName {
  report: Report;
}

export async function reportToOperator(ctx: Context): Promise<void> {
  if (!ctx.config.operatorEmail || !ctx.lease) return;
  const lease = ctx.lease.id();
  const halts = await findHalts(ctx);
  const { hasMoved } = await readGate(ctx.db, ctx.transport.identity);
  if (hasMoved)
    await settleReportsBut(
      ctx.db,
      halts.map(({ cause }) => cause),
    );
  else if (ctx.now().getUTCHours() >= morningHourUtc) {
    await insertReport(ctx.db, { day: utcDate(ctx.now()), cause: morning }, reportsPerDayMax);
  }
  for (const halt of halts) await insertReport(ctx.db, halt, reportsPerDayMax);
  for (let n = 0; n < reportsPerSweepMax; n++) {
    const claimed = await claimReport(ctx.db, lease);
    if (!claimed) return;
    await deliverReport(ctx, claimed, halts);
  }
}

async function deliverReport(ctx: Context, report: ClaimedReport, halts: readonly Halt[]): Promise<void> {
  const frozen = await freezeOrRecall(ctx, report, halts);
  if (!frozen) return;
  const handed = await handOver(ctx, {
    kind: 'single',
    key: report.key,
    ...frozen,
    members: 1,
    lost: report.attempts,
    claimedAt: report.now,
    someoneLeft: false,
    tellsOfHalt: true,
    isAwaited: true,
    ...(ctx.transport.isKeyless && { markOpen: () => markReportUncertain(ctx.db, report) }),
  });
  const { decision, reason } = handed;
  switch (decision.next) {
    case 'accepted':
      ctx.log.info({ report: report.cause }, 'reported to the operator');
      return settleReport(ctx.db, report, { isAccepted: true, reason });
    case 'replay':
      return releaseReport(ctx.db, report, { ...decision, reason });
    case 'thaw':
      ctx.log.warn(
        { report: report.cause },
        'no report could be mailed, because mail is halted; it is tried again',
      );
      return releaseReport(ctx.db, report, { afterMs: shutAgainMs, uncertain: false, reason });
    case 'split':
    case 'failed':
    case 'unknown':
      ctx.log.error({ report: report.cause }, `report ${decision.next}`);
      return settleReport(ctx.db, report, { isAccepted: false, reason });
  }
}

/** Fresh words as long as none was ever taken, the very same bytes from then on. */
async function freezeOrRecall(ctx: Context, report: ClaimedReport, halts: readonly Halt[]) {
  const { identity } = ctx.transport;
  const giveUp = (reason: string) => settleReport(ctx.db, report, { isAccepted: false, reason });
  if (report.body && report.uncertainAt) {
    if (report.transport !== identity || ctx.transport.isKeyless) {
      await giveUp('its answer was lost, and cannot be asked for again');
      return undefined;
    }
    return { body: report.body, firstAttemptAt: report.firstAttemptAt!, uncertain: true };
  }
  const told = report.cause === morning ? await tellYesterday(ctx, report.day) : wordsOf(report, halts);
  if (!told || report.attempts >= attemptsMax) {
    await giveUp(told ? 'it was tried too often' : 'it was over before it could be told');
    return undefined;
  }
  const body = await bodyOf(ctx, told);
  const isOurs = await freezeReport(ctx.db, report, {
    body,
    transport: identity,
    uncertain: !ctx.transport.isKeyless,
  });
  return isOurs ? { body, firstAttemptAt: report.now, uncertain: false } : undefined;
}

function wordsOf(report: ClaimedReport, halts: readonly Halt[]): Report | undefined {
  return halts.find(({ day, cause }) => day === report.day && cause === report.cause)?.report;
}

async function bodyOf(ctx: Context, report: Report): Promise<Buffer> {
  const { mail, publicUrl, operatorEmail } = ctx.config;
  const rendered = renderReport(report, {
    link: `${publicUrl}/operators`,
    postalAddress: mail.postalAddress,
  });
  return noticeBody({ ...rendered, from: mail.from, to: operatorEmail!, tag: 'report' });
}

/** The edition of the day before, which by now is over but for the far west; undefined once its morning has passed. */
async function tellYesterday(ctx: Context, day: string): Promise<Report | undefined> {
  if (day !== utcDate(ctx.now())) return undefined;
  const until = addDays(day, -1);
  const readers = await countReaders(ctx.db);
  const counts = {
    outcomes: async (dates: readonly string[]) => {
      const date = dates.find((one) => one <= until);
      return new Map(date ? [[date, await countEdition(ctx, date)]] : []);
    },
    warning: async (date: string) => (await judgeAudience(ctx.db, date)).warning,
    readers: () => Promise.resolve(readers),
  };
  const { current, editions, story } = await readDay(ctx, counts, { until, days: 3 });
  const outcomes = editions.find(({ ledger }) => ledger.date === current?.date)?.outcomes;
  const reported = {
    delivered: outcomes?.delivered ?? 0,
    bounced: outcomes?.bounced ?? 0,
    complained: outcomes?.complained ?? 0,
    hard: outcomes?.bounceClasses['hard'] ?? 0,
  };
  return tellMorning({ ledger: current, reported, story, subscribers: readers.active });
}

/** What stands still now until somebody acts. The name of each says since when, so that each is told once. */
async function findHalts(ctx: Context): Promise<Halt[]> {
  const halts: Halt[] = [];
  const add = (name: string, at: Date, report: Report) =>
    halts.push({ day: utcDate(at), cause: `${name} ${at.toISOString()}`, report });
  const gate = await readGate(ctx.db, ctx.transport.identity);
  if (gate.haltedAt) {
    const why = `No mail leaves: ${gate.reason ?? 'no reason was noted'}.`;
    add(
      'halt',
      gate.haltedAt,
      tellHalt('All mail is halted', why, 'Mend it, then resume the mail on the operators’ page.'),
    );
  }
  for (const { date, reason, heldAt } of await listHeldEditions(ctx.db)) {
    const todo =
      'Look at who is in it, then release it on its page. What is not released within twelve hours comes too late.';
    add(`held ${date}`, heldAt, tellHalt(`${weekdayOf(date)}’s edition is held`, reason, todo));
  }
  const { rows } = await sql<{ date: string; at: Date; reason: string | null }>`
    select date, paused_at at, paused_reason reason from editions
    where paused_at is not null and (resumed_at is null or resumed_at < paused_at) and closed_at is null
    order by date`.execute(ctx.db);
  for (const { date, at, reason } of rows) {
    const todo = 'Look at the edition’s page. After a resume one batch goes first.';
    add(
      `pause ${date}`,
      at,
      tellHalt(`${weekdayOf(date)}’s edition is paused`, reason ?? 'No reason was noted.', todo),
    );
  }
  return halts;
}
