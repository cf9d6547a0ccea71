import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { EditionOutcomes } from '../db/edition-facts.ts';
import type { Measurements } from '../db/measurements.ts';
import type { ReaderCounts, Standing } from '../db/overview.ts';
import type { Ledger } from '../domain/ledger.ts';

/** Everything that one look at the metrics tells. */
export interface Look {
  /** The newest editions. */
  ledgers: readonly Ledger[];
  outcomes: ReadonlyMap<string, EditionOutcomes>;
  measured: Measurements;
  /** The daily cap is reached. */
  isCapped: boolean;
  standing: Standing;
  /** Undefined while they are being counted, which leaves a gap. */
  readers: ReaderCounts | undefined;
  queues: readonly { queue: string; state: string; jobs: number }[];
}

export interface MetricsRegistry {
  contentType: string;
  /** The text that Prometheus reads. */
  tell(look: Look): Promise<string>;
}

/** The gauges. No label holds an address, a token or anything else about a reader. */
export function openRegistry(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = openGauges(registry);
  return {
    contentType: registry.contentType,
    tell(look) {
      for (const gauge of Object.values(gauges)) gauge.reset();
      setEditions(gauges, look);
      setPipeline(gauges, look);
      setWorld(gauges, look);
      return registry.metrics();
    },
  };
}

type Gauges = ReturnType<typeof openGauges>;

function openGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `broadsheet_${name}`, help, labelNames, registers: [registry] });
  return {
    audience: gauge('edition_audience', 'Readers due on a date.', ['edition']),
    digests: gauge('edition_digests', 'Digests of an edition, by what became of them.', [
      'edition',
      'state',
      'reason',
    ]),
    reports: gauge('edition_reports', 'What the world reported of an edition.', ['edition', 'report']),
    editionsOpen: gauge('editions_open', 'Editions that are not closed.'),
    editionsHeld: gauge(
      'editions_held',
      'Editions that wait because their audience moved by more than half.',
    ),
    editionsPaused: gauge('editions_paused', 'Editions that a breaker or an operator paused.'),
    openAge: gauge('oldest_open_edition_age_seconds', 'Age of the oldest edition that is not closed.'),
    pendingAge: gauge(
      'oldest_pending_age_seconds',
      'Age of the oldest work that waits, by step; of compose at most since a range was composed last.',
      ['step'],
    ),
    duration: gauge('step_duration_seconds', 'From ready to done, the mean of the last ten minutes.', [
      'step',
    ]),
    halted: gauge('mail_halted', '1 while all mail is halted until an operator acts.'),
    parked: gauge('mail_parked', '1 while mail waits for a quota to reset.'),
    capped: gauge(
      'mail_capped',
      '1 while digests wait for the next UTC day, because the daily cap is reached.',
    ),
    rateLimit: gauge('mail_rate_limit_per_second', 'Requests a second that the transport allows.'),
    rateUsed: gauge('mail_rate_used_ratio', 'Share of that limit used in the last minute.'),
    events: gauge('webhook_events_unprocessed', 'Webhook events stored and not worked off.'),
    eventAge: gauge('webhook_oldest_age_seconds', 'Age of the oldest webhook event not worked off.'),
    tickAge: gauge('scheduler_tick_age_seconds', 'Time since the scheduler last ticked.'),
    listAge: gauge('source_list_age_seconds', 'Time since the day of the newest usable list ended.', [
      'source',
    ]),
    listPapers: gauge('source_list_papers', 'Papers on the newest usable list.', ['source']),
    subscribers: gauge('subscribers', 'Subscribers, by status.', ['status']),
    suppressions: gauge('suppressions', 'Addresses that get no mail.'),
    jobs: gauge('queue_jobs', 'Jobs of the queues; they are nudges, the rows are the truth.', [
      'queue',
      'state',
    ]),
  };
}

function setEditions(gauges: Gauges, { ledgers, outcomes, measured }: Look): void {
  for (const { date: edition, audience, accepted, pending, unknown, skipped, failed } of ledgers) {
    gauges.audience.set({ edition }, audience);
    const set = (state: string, reason: string, n: number) =>
      gauges.digests.set({ edition, state, reason }, n);
    set('accepted', '', accepted);
    set('pending', '', pending);
    set('unknown', '', unknown);
    for (const [reason, n] of Object.entries(skipped)) set('skipped', reason, n);
    for (const [reason, n] of Object.entries(failed)) set('failed', reason, n);
    const reports = outcomes.get(edition);
    if (!reports) continue;
    gauges.reports.set({ edition, report: 'delivered' }, reports.delivered);
    gauges.reports.set({ edition, report: 'complained' }, reports.complained);
    gauges.reports.set({ edition, report: 'silent' }, reports.silent);
    for (const bounce of ['hard', 'soft', 'policy', 'content']) {
      gauges.reports.set({ edition, report: `bounced_${bounce}` }, reports.bounceClasses[bounce] ?? 0);
    }
  }
  gauges.editionsOpen.set(measured.editionsOpen);
  gauges.editionsHeld.set(measured.editionsHeld);
  gauges.editionsPaused.set(measured.editionsPaused);
  gauges.openAge.set(measured.oldestOpenEditionAgeS ?? 0);
}

function setPipeline(gauges: Gauges, { measured, standing, queues, isCapped }: Look): void {
  for (const [step, ageS] of Object.entries(measured.oldestPendingAgeS))
    gauges.pendingAge.set({ step }, ageS);
  for (const [step, meanS] of Object.entries(measured.stepDurationS)) {
    if (meanS !== null) gauges.duration.set({ step }, meanS);
  }
  gauges.halted.set(measured.halted ? 1 : 0);
  gauges.parked.set(measured.parked ? 1 : 0);
  gauges.capped.set(isCapped ? 1 : 0);
  gauges.rateLimit.set(measured.rateLimit);
  gauges.rateUsed.set(measured.requestsLastMinute / 60 / measured.rateLimit);
  // One that never ticked is as late as one can be.
  gauges.tickAge.set(standing.tickAgeS ?? Number.POSITIVE_INFINITY);
  for (const { queue, state, jobs } of queues) gauges.jobs.set({ queue, state }, jobs);
}

function setWorld(gauges: Gauges, { measured, standing, readers }: Look): void {
  gauges.events.set(standing.unprocessedEvents);
  gauges.eventAge.set(standing.oldestEventS ?? 0);
  for (const { source, listAgeS, papers } of measured.sources) {
    if (listAgeS !== null) gauges.listAge.set({ source }, listAgeS);
    if (papers !== null) gauges.listPapers.set({ source }, papers);
  }
  if (!readers) return;
  gauges.subscribers.set({ status: 'active' }, readers.active);
  gauges.subscribers.set({ status: 'unconfirmed' }, readers.unconfirmed);
  gauges.suppressions.set(readers.suppressed);
}
