/** @jsxImportSource hono/jsx */
import type { EditionFacts, EditionOutcomes } from '../../db/edition-facts.ts';
import { type Ledger, total } from '../../domain/ledger.ts';
import { longDate, moment, weekdayOf } from '../wording.ts';
import { spanOf } from './day-now.tsx';
import { number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

export interface EditionPageProps {
  ledger: Ledger;
  facts: EditionFacts;
  /** Undefined while they are being counted. */
  outcomes: EditionOutcomes | undefined;
  /** The edition before it, to compare with. */
  before: Ledger | undefined;
}

/** One edition: its ledger beside the one before, its course, and what the world said. */
export function EditionPage({ ledger, facts, outcomes, before }: EditionPageProps) {
  return (
    <OperatorSheet title={`Edition of ${ledger.date}`} section="editions">
      <h1>{longDate(ledger.date)}</h1>
      <p class="sentence">{course(ledger, facts)}</p>
      {facts.heldReason && !facts.closedAt && <Held date={ledger.date} reason={facts.heldReason} />}
      <section class="block">
        <Comparison ledger={ledger} before={before} />
      </section>
      {outcomes && (
        <section class="block">
          <h2>What the world said</h2>
          <Reports outcomes={outcomes} />
        </section>
      )}
      <section class="block">
        <h2>Its course</h2>
        <Course facts={facts} />
      </section>
      {facts.refusals.length > 0 && (
        <section class="block">
          <ScrollTable
            caption="What the transport said of those it refused"
            columns={[{ name: 'Digests' }, { name: 'Its words', text: true }]}
          >
            {facts.refusals.map(({ words, digests }) => (
              <tr>
                <td>{number(digests)}</td>
                <td class="text wrap">{words}</td>
              </tr>
            ))}
          </ScrollTable>
        </section>
      )}
    </OperatorSheet>
  );
}

function Held({ date, reason }: { date: string; reason: string }) {
  return (
    <div class="note urgent">
      <p>
        <b>Held: nothing more of it is planned.</b> {reason} Slots that are not released within twelve hours
        come too late. <a href={`/operators/dry-run?date=${date}`}>Who would get what?</a>
      </p>
      <form class="act" method="post" action={`/operators/editions/${date}/release`}>
        <button>Release this edition</button>
      </form>
    </div>
  );
}

function course(ledger: Ledger, facts: EditionFacts): string {
  const { audience, accepted, pending, unknown } = ledger;
  const due = audience - total(ledger.skipped);
  const state = facts.closedAt
    ? `Closed ${moment(facts.closedAt)}; every reader of its audience is in one column.`
    : pending > 0
      ? `${number(pending)} are on the way.`
      : 'Open until it is behind every reader’s next date.';
  const lost = unknown > 0 ? ` Of ${number(unknown)} it is unknown whether they left.` : '';
  return `${number(accepted)} of ${number(due)} accepted. ${state}${lost}`;
}

function Comparison({ ledger, before }: { ledger: Ledger; before: Ledger | undefined }) {
  const rows: [string, number, number | undefined, boolean?][] = [
    ['Audience', ledger.audience, before?.audience],
    ['Accepted', ledger.accepted, before?.accepted],
    ...reasonRows('Skipped', ledger.skipped, before?.skipped),
    ...reasonRows('Failed', ledger.failed, before?.failed, true),
    ['Unknown', ledger.unknown, before?.unknown, ledger.unknown > 0],
    ['Pending', ledger.pending, before?.pending],
  ];
  const earlier = before
    ? [{ name: `${weekdayOf(before.date).slice(0, 3)} ${before.date}` }, { name: 'Change' }]
    : [];
  return (
    <ScrollTable caption="Ledger" columns={[{ name: 'What' }, { name: 'This edition' }, ...earlier]}>
      {rows.map(([name, now, then, isRed]) => (
        <tr>
          <th scope="row">{name}</th>
          <td class={isRed ? 'red' : undefined}>{number(now)}</td>
          {before && <td>{number(then ?? 0)}</td>}
          {before && <td class="soft">{change(now, then ?? 0)}</td>}
        </tr>
      ))}
    </ScrollTable>
  );
}

function reasonRows(
  name: string,
  now: Partial<Record<string, number>>,
  then: Partial<Record<string, number>> = {},
  isRed = false,
): [string, number, number, boolean][] {
  const reasons = [...new Set([...Object.keys(now), ...Object.keys(then)])].toSorted();
  return reasons
    .filter((reason) => (now[reason] ?? 0) + (then[reason] ?? 0) > 0)
    .map((reason) => [
      `${name}, ${reason.replaceAll('_', ' ')}`,
      now[reason] ?? 0,
      then[reason] ?? 0,
      isRed && (now[reason] ?? 0) > 0,
    ]);
}

/** "+12", "−3", and nothing where it is the same. */
function change(now: number, then: number): string {
  if (now === then) return '';
  return now > then ? `+${number(now - then)}` : `−${number(then - now)}`;
}

function Reports({ outcomes }: { outcomes: EditionOutcomes }) {
  const classes = Object.entries(outcomes.bounceClasses).map(([name, n]) => `${number(n)} ${name}`);
  const digests = Object.entries(outcomes.papersPerDigest);
  return (
    <dl class="facts">
      <dt>Delivered</dt>
      <dd>{number(outcomes.delivered)}</dd>
      <dt>Bounced</dt>
      <dd>
        {number(outcomes.bounced)}
        {classes.length > 0 && `: ${classes.join(', ')}`}
      </dd>
      <dt>Complained</dt>
      <dd class={outcomes.complained > 0 ? 'red' : undefined}>{number(outcomes.complained)}</dd>
      <dt>Silent</dt>
      <dd>{number(outcomes.silent)}</dd>
      {outcomes.delayS && (
        <>
          <dt>Delivery delay</dt>
          <dd>
            half within {spanOf(outcomes.delayS.median)}, nine of ten within {spanOf(outcomes.delayS.most)}
          </dd>
        </>
      )}
      <dt>Papers in a digest</dt>
      <dd>{digests.map(([papers, n]) => `${papers} in ${number(n)}`).join(', ') || 'none'}</dd>
    </dl>
  );
}

function Course({ facts }: { facts: EditionFacts }) {
  const batches = facts.batches.map(
    ({ state, batches: n, members }) => `${number(n)} ${state} (${number(members)} digests)`,
  );
  return (
    <dl class="facts">
      <dt>Opened</dt>
      <dd>{moment(facts.openedAt)}</dd>
      <dt>Ranges</dt>
      <dd>
        {number(facts.rangesComposed)} of {number(facts.ranges)} composed
        {facts.missed > 0 && `; ${number(facts.missed)} readers came too late`}
      </dd>
      <dt>Batches</dt>
      <dd>{batches.join(', ') || 'none'}</dd>
      <dt>First handed over</dt>
      <dd>{facts.firstFrozenAt ? moment(facts.firstFrozenAt) : 'not yet'}</dd>
      <dt>Last settled</dt>
      <dd>{facts.lastSettledAt ? moment(facts.lastSettledAt) : 'not yet'}</dd>
      <dt>Accepted by the hour</dt>
      <dd>
        {facts.hours.map(({ at, digests }) => `${moment(at).slice(0, -4)}: ${number(digests)}`).join(' · ') ||
          'none'}
      </dd>
      {facts.closedAt && (
        <>
          <dt>Closed</dt>
          <dd>{moment(facts.closedAt)}</dd>
        </>
      )}
    </dl>
  );
}
