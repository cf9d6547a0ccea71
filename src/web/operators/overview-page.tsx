/** @jsxImportSource hono/jsx */
import type { GateState } from '../../db/gates.ts';
import { moment } from '../wording.ts';
import type { Day } from '../../pipeline/day.ts';
import { LedgerTable, number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { Plots } from './plots.tsx';
import { SourceTable } from './source-table.tsx';

/** Lines of a table on the page of the day; the rest is plotted, and on pages of their own. */
const linesMax = 10;

export interface OverviewPageProps {
  day: Day;
  installation: { transport: string; from: string; publicUrl: string; queues: string };
}

export function OverviewPage({ day, installation }: OverviewPageProps) {
  const { story, editions, gate, standing, sourceDays } = day;
  return (
    <OperatorSheet title="Operators" section="today">
      <h1 class="aside-from-view">Operators</h1>
      <p class="sentence">
        {story.sentence}{' '}
        {story.needs.length === 0 ? 'Nothing needs you.' : <b class="red">{story.needs.join(' ')}</b>}
      </p>
      {(gate.haltedAt || gate.parkedUntil) && !gate.hasMoved && <Resume />}
      <section class="block">
        <LedgerTable editions={editions.slice(0, linesMax)} />
      </section>
      <Plots editions={editions} sourceDays={sourceDays} />
      <section class="block">
        <SourceTable days={sourceDays.slice(0, linesMax)} />
      </section>
      <section class="block">
        <h2>Standing</h2>
        <StandingFacts standing={standing} gate={gate} installation={installation} />
      </section>
    </OperatorSheet>
  );
}

function Resume() {
  return (
    <form class="act" method="post" action="/operators/resume">
      <button>Resume mail</button>
    </form>
  );
}

function StandingFacts({
  standing,
  gate,
  installation,
}: Pick<Day, 'standing' | 'gate'> & Pick<OverviewPageProps, 'installation'>) {
  const { active, unconfirmed, suppressed, unprocessedEvents, waitingNotices, tickAgeS } = standing;
  return (
    <dl class="facts">
      <dt>Subscribers</dt>
      <dd>
        {number(active)} active, {number(unconfirmed)} unconfirmed
      </dd>
      <dt>Suppressed addresses</dt>
      <dd>{number(suppressed)}</dd>
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
