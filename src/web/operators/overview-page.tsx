/** @jsxImportSource hono/jsx */
import type { GateState } from '../../db/gates.ts';
import type { SourceDay } from '../../db/listings.ts';
import type { OutcomeCounts, Standing } from '../../db/overview.ts';
import { type Ledger, total } from '../../domain/ledger.ts';
import { moment, sourceName, weekdayOf } from '../wording.ts';
import type { DayStory } from './day-sentence.ts';
import { OperatorSheet } from './operator-sheet.tsx';

export interface Edition {
  ledger: Ledger;
  outcomes: OutcomeCounts;
}

export interface OverviewPageProps {
  story: DayStory;
  editions: readonly Edition[];
  gate: GateState;
  standing: Standing;
  sourceDays: readonly SourceDay[];
  installation: { transport: string; from: string; publicUrl: string; queues: string };
}

export function OverviewPage(props: OverviewPageProps) {
  const { story, editions, gate, standing, sourceDays, installation } = props;
  return (
    <OperatorSheet title="Operators" section="today">
      <h1 class="aside-from-view">Operators</h1>
      <p class="sentence">
        {story.sentence}{' '}
        {story.needs.length === 0 ? 'Nothing needs you.' : <b class="red">{story.needs.join(' ')}</b>}
      </p>
      {(gate.haltedAt || gate.parkedUntil) && <Resume />}
      <section class="block">
        <LedgerTable editions={editions} />
      </section>
      <section class="block">
        <SourceTable days={sourceDays} />
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

function LedgerTable({ editions }: { editions: readonly Edition[] }) {
  if (editions.length === 0) return <p class="soft">The ledgers of editions will stand here.</p>;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Editions">
      <table>
        <caption>Editions</caption>
        <thead>
          <tr>
            <th scope="col">Date</th>
            <th scope="col">Audience</th>
            <th scope="col">Accepted</th>
            <th scope="col">Delivered</th>
            <th scope="col">Bounced</th>
            <th scope="col">Complained</th>
            <th scope="col">Skipped</th>
            <th scope="col">Failed</th>
            <th scope="col">Unknown</th>
            <th scope="col">Pending</th>
            <th scope="col" class="text">
              State
            </th>
          </tr>
        </thead>
        <tbody>
          {editions.map((edition) => (
            <LedgerRow {...edition} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LedgerRow({ ledger, outcomes }: Edition) {
  const failed = total(ledger.failed);
  return (
    <tr>
      <th scope="row">
        {weekdayOf(ledger.date).slice(0, 3)} {ledger.date}
      </th>
      <td>{number(ledger.audience)}</td>
      <td>{number(ledger.accepted)}</td>
      <td>{number(outcomes.delivered)}</td>
      <td>{number(outcomes.bounced)}</td>
      <td class={outcomes.complained > 0 ? 'red' : undefined}>{number(outcomes.complained)}</td>
      <td>{reasons(ledger.skipped)}</td>
      <td class={failed > 0 ? 'red' : undefined}>{reasons(ledger.failed)}</td>
      <td class={ledger.unknown > 0 ? 'red' : undefined}>{number(ledger.unknown)}</td>
      <td>{number(ledger.pending)}</td>
      <td class="text">{ledger.closed ? 'closed' : 'open'}</td>
    </tr>
  );
}

function SourceTable({ days }: { days: readonly SourceDay[] }) {
  if (days.length === 0) return <p class="soft">No list of papers has been read yet.</p>;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Lists of papers">
      <table>
        <caption>Lists of papers</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" class="text">
              Source
            </th>
            <th scope="col">Papers</th>
            <th scope="col" class="text">
              State
            </th>
            <th scope="col" class="text">
              Read
            </th>
            <th scope="col" class="text">
              Note
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr>
              <th scope="row">
                {weekdayOf(day.day).slice(0, 3)} {day.day}
              </th>
              <td class="text">{sourceName(day.source)}</td>
              <td>{number(day.papers)}</td>
              <td class="text">{day.state}</td>
              <td class="text">{moment(day.readAt)}</td>
              <td class="text wrap">{day.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StandingFacts({
  standing,
  gate,
  installation,
}: Pick<OverviewPageProps, 'standing' | 'gate' | 'installation'>) {
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

/** "0", "3", "3 nothing new", "3 nothing new, 1 suppressed". */
function reasons(counts: Partial<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, n]) => (n ?? 0) > 0);
  if (some.length === 0) return '0';
  return some.map(([reason, n]) => `${number(n!)} ${reason.replaceAll('_', ' ')}`).join(', ');
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
