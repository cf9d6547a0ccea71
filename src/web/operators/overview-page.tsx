/** @jsxImportSource hono/jsx */
import type { GateState } from '../../db/gates.ts';
import { moment } from '../wording.ts';
import type { Day } from '../../pipeline/day.ts';
import { DayNow, linesMax, type Now } from './day-now.tsx';
import { number } from './ledger-table.tsx';
import { liveScriptPath } from './live.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { DayPlots } from './plots.tsx';
import { SourceTable } from './source-table.tsx';

export interface OverviewPageProps {
  day: Day;
  now: Now;
  installation: { transport: string; from: string; publicUrl: string; queues: string };
}

/** The page of the morning: whole at once, and kept up to date by events where scripts may run. */
export function OverviewPage({ day, now, installation }: OverviewPageProps) {
  const { editions, gate, standing, cap, sourceDays } = day;
  return (
    <OperatorSheet title="Operators" section="today" script={liveScriptPath}>
      <h1 class="aside-from-view">Operators</h1>
      <div data-live="/operators/live">
        <DayNow day={day} now={now} />
      </div>
      <DayPlots editions={editions} sourceDays={sourceDays} />
      <section class="block">
        <SourceTable days={sourceDays.slice(0, linesMax)} />
      </section>
      <section class="block">
        <h2>Standing</h2>
        <StandingFacts
          standing={standing}
          readers={day.readers}
          gate={gate}
          cap={cap}
          installation={installation}
        />
      </section>
    </OperatorSheet>
  );
}

function StandingFacts({
  standing,
  readers,
  gate,
  cap,
  installation,
}: Pick<Day, 'standing' | 'readers' | 'gate' | 'cap'> & Pick<OverviewPageProps, 'installation'>) {
  const { unprocessedEvents, waitingNotices, tickAgeS } = standing;
  return (
    <dl class="facts">
      <dt>Subscribers</dt>
      <dd>
        {readers ? `${number(readers.active)} active, ${number(readers.unconfirmed)} unconfirmed` : '…'}
      </dd>
      <dt>Suppressed addresses</dt>
      <dd>{readers ? number(readers.suppressed) : '…'}</dd>
      <dt>Notices waiting</dt>
      <dd>{number(waitingNotices)}</dd>
      <dt>Webhook events waiting</dt>
      <dd>{number(unprocessedEvents)}</dd>
      <dt>Mail</dt>
      <dd>
        {gateWords(gate)}, through{' '}
        {installation.transport === 'mailbox' ? <a href="/mailbox">the mailbox</a> : installation.transport},
        from {installation.from}
      </dd>
      {cap && (
        <>
          <dt>Daily cap</dt>
          <dd>
            {number(cap.mails)} of {number(cap.cap)} mails today, by UTC
          </dd>
        </>
      )}
      <dt>Scheduler</dt>
      <dd>{tickAgeS === null ? 'has not run yet' : `ticked ${number(tickAgeS)} s ago`}</dd>
      <dt>Queues</dt>
      <dd>
        on {installation.queues === 'redis' ? 'Redis' : 'Postgres'},{' '}
        <a href="/operators/queues">look into them</a>
      </dd>
      <dt>Address</dt>
      <dd>{installation.publicUrl}</dd>
    </dl>
  );
}

function gateWords(gate: GateState): string {
  if (gate.haltedAt) return `halted since ${moment(gate.haltedAt)}`;
  return gate.parkedUntil ? `parked until ${moment(gate.parkedUntil)}` : 'flowing';
}
