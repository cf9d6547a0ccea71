/** @jsxImportSource hono/jsx */
import { isReadersOwn } from '../../db/suppression-list.ts';
import type { DayOutcome, SubscriberDay } from '../../domain/subscriber-days.ts';
import { parseWeekdays, weekdayNames } from '../../domain/weekdays.ts';
import type { SubscriberRecord } from '../../pipeline/subscriber-record.ts';
import type { TimelineEvent } from '../../pipeline/subscriber-timeline.ts';
import { count, moment, placeOf, weekdayOf } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';
import { onlyTheReader, SubscriberActs } from './subscriber-acts.tsx';

/** What the last press of a button came to. */
export const saidWords = {
  suppressed: 'Suppressed: no mail goes there any more.',
  released: 'Released: mail goes there again.',
  lifting:
    'Released: mail goes there again. If Resend suppresses the address as well, that is lifted within a minute.',
  kept: `It stays as it is. ${onlyTheReader}`,
  erased: 'Erased.',
  again: 'Its digest of today is on its way again.',
  notagain: 'It is not sent again: it was accepted, or may have been, or is on its way.',
  mistyped: 'The address that was typed is not this one, so nothing was erased.',
  inflight: 'A mail to this address is just being handed over, so it was not erased. Try again in a minute.',
} as const;
export type Said = keyof typeof saidWords;

export interface SubscriberPageProps {
  id: number;
  record: SubscriberRecord;
  days: readonly SubscriberDay[];
  said: Said | undefined;
  /** Today's digest was certainly not accepted. */
  isRefused: boolean;
}

/** "Why did I not get Tuesday's mail?", answered in the first table. */
export function SubscriberPage({ id, record, days, said, isRefused }: SubscriberPageProps) {
  return (
    <OperatorSheet title={`Reader ${id}`} section="subscribers">
      <h1>{record.email}</h1>
      {said && (
        <div class="note" role="status">
          <p>{saidWords[said]}</p>
        </div>
      )}
      <p class="sentence">{standing(record)}</p>
      <section class="block">
        <DayTable id={id} days={days} />
      </section>
      <section class="block">
        <h2>Wants</h2>
        <Wishes id={id} record={record} />
      </section>
      <section class="block">
        <SubscriberActs {...{ id, record, isRefused }} isReadersOwn={isReadersOwn(whySuppressed(record))} />
      </section>
      <section class="block">
        <Timeline events={record.timeline} />
      </section>
    </OperatorSheet>
  );
}

function standing(record: SubscriberRecord) {
  const { status, suppressed, next_due_at: nextDueAt } = record;
  const why = whySuppressed(record);
  if (suppressed) {
    return (
      <>
        {capital(status)}, but{' '}
        <b class="red">gets no mail: {typeof why === 'string' ? why.replaceAll('_', ' ') : 'suppressed'}.</b>
      </>
    );
  }
  return nextDueAt
    ? `${capital(status)}. The next digest is due ${moment(new Date(nextDueAt))}.`
    : `${capital(status)}.`;
}

/** The reason of the suppression that stands. */
function whySuppressed({ suppressed, timeline }: SubscriberRecord): unknown {
  return suppressed ? timeline.findLast(({ event }) => event === 'suppressed')?.['reason'] : undefined;
}

function DayTable({ id, days }: { id: number; days: readonly SubscriberDay[] }) {
  const columns = [
    { name: 'Day' },
    { name: 'What became of it, and why', text: true },
    { name: 'Papers' },
    { name: 'When', text: true },
    { name: 'Mail', text: true },
  ];
  return (
    <ScrollTable caption="Day by day" columns={columns}>
      {days.map(({ date, outcome, why, papers, at, needsHand }) => (
        <tr>
          <th scope="row">
            {weekdayOf(date).slice(0, 3)} {date}
          </th>
          <td class="text told">
            <span class={needsHand ? 'red' : undefined}>{outcomeWords[outcome]}</span>
            {why && <p>{why}</p>}
          </td>
          <td>{papers}</td>
          <td class="text">{at && moment(new Date(at))}</td>
          <td class="text">
            {mailed.has(outcome) && (
              <a href={`/operators/subscribers/${id}/mail/${date}`}>
                as mailed<span class="aside-from-view"> on {date}</span>
              </a>
            )}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

const outcomeWords: Record<DayOutcome, string> = {
  accepted: 'accepted',
  delivered: 'delivered',
  bounced: 'bounced',
  complained: 'complained',
  skipped: 'skipped',
  failed: 'failed',
  unknown: 'unknown',
  waiting: 'waiting',
  none: 'no digest',
  due: 'due',
};

/** These have left, or may have. */
const mailed: ReadonlySet<DayOutcome> = new Set([
  'accepted',
  'delivered',
  'bounced',
  'complained',
  'unknown',
]);

function Wishes({ id, record }: { id: number; record: SubscriberRecord }) {
  const { time_zone: zone, send_hour: hour, weekdays, topics, max_papers: papers } = record;
  return (
    <dl class="facts">
      <dt>Number</dt>
      <dd>{id}</dd>
      {zone !== null && (
        <>
          <dt>Time</dt>
          <dd>
            {String(hour).padStart(2, '0')}:00 {placeOf(zone)}, {daysInWords(weekdays)}
          </dd>
        </>
      )}
      {papers !== null && (
        <>
          <dt>Amount</dt>
          <dd>at most {count(papers, 'paper')}</dd>
        </>
      )}
      <dt>Topics</dt>
      <dd>{topics.join(', ') || 'none: gets what is trending'}</dd>
    </dl>
  );
}

function daysInWords(weekdays: string | null): string {
  const bits = parseWeekdays(weekdays ?? '') ?? 0;
  const names = weekdayNames.filter((_, bit) => (bits & (1 << bit)) !== 0);
  return names.length === 7 ? 'every day' : names.map((name) => name.slice(0, 3)).join(', ');
}

/** Everything that happened, as a payment provider would show it: newest first, one line each. */
function Timeline({ events }: { events: readonly TimelineEvent[] }) {
  const columns = ['When', 'What', 'Details'].map((name) => ({ name, text: true }));
  return (
    <ScrollTable caption="Everything that happened" columns={columns}>
      {events.toReversed().map(({ at, event, ...details }) => (
        <tr>
          <td class="text">{moment(new Date(at))}</td>
          <td class="text">{event}</td>
          <td class="text wrap">
            {Object.entries(details)
              .filter(([, value]) => value !== null && value !== undefined)
              .map(([name, value]) => `${name} ${String(value).replaceAll('_', ' ')}`)
              .join(', ')}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
