/** @jsxImportSource hono/jsx */
import type { SilentDigest, WaitingEvent } from '../../db/webhook-inbox.ts';
import { questionsMax } from '../../pipeline/reconcile.ts';
import { count, moment } from '../wording.ts';
import { number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

export const waitingShownMax = 50;

interface WebhooksPageProps {
  waiting: readonly WaitingEvent[];
  counted: readonly { type: string; result: string; events: number }[];
  gaps: readonly { date: string; silent: number | undefined }[];
  digests: readonly SilentDigest[];
  canAsk: boolean;
  said: string | undefined;
}

/** What waits, what nobody heard of, and what came in the last day. */
export function WebhooksPage({ waiting, counted, gaps, digests, canAsk, said }: WebhooksPageProps) {
  const silent = gaps.reduce((sum, gap) => sum + (gap.silent ?? 0), 0);
  return (
    <OperatorSheet title="Webhooks" section="webhooks">
      <h1>What the world reported</h1>
      {said && (
        <div class="note" role="status">
          <p>{said}</p>
        </div>
      )}
      <p class="sentence">
        {waiting.length === 0 ? 'Every event is worked off.' : `${waitInWords(waiting.length)}.`}{' '}
        {silent === 0
          ? 'Of every mail accepted more than an hour ago something was heard.'
          : `Of ${count(silent, 'mail')} accepted more than an hour ago nothing was heard.`}
      </p>
      {silent > 0 && (
        <section class="block">
          <h2>Gaps</h2>
          <Gaps gaps={gaps} digests={digests} />
          {canAsk ? (
            <form class="act" method="post" action="/operators/webhooks/reconcile">
              <button class="second">Ask about {questionsMax} of them</button>
              <p class="hint">
                The questions take turns with the mail. What comes back is worked off as the webhook that is
                missing.
              </p>
            </form>
          ) : (
            <p class="soft">A mail server cannot be asked what became of a mail.</p>
          )}
        </section>
      )}
      {waiting.length > 0 && <Waiting waiting={waiting} />}
      <LastDay counted={counted} />
    </OperatorSheet>
  );
}

function waitInWords(n: number): string {
  if (n === 1) return '1 event waits';
  return `${n === waitingShownMax ? 'Many' : number(n)} events wait`;
}

function Gaps({ gaps, digests }: Pick<WebhooksPageProps, 'gaps' | 'digests'>) {
  return (
    <>
      <p>
        {gaps
          .map(({ date, silent }) => `${date}: ${silent === undefined ? '…' : number(silent)}`)
          .join(' · ')}
      </p>
      <ScrollTable
        caption="Some of them"
        columns={['Reader', 'Edition', 'Accepted', 'Its id there'].map((name) => ({ name, text: true }))}
      >
        {digests.map(({ subscriberId, localDate, acceptedAt, mailId }) => (
          <tr>
            <td class="text">
              <a href={`/operators/subscribers/${subscriberId}`}>reader {subscriberId}</a>
            </td>
            <td class="text">{localDate}</td>
            <td class="text">{moment(acceptedAt)}</td>
            <td class="text">{mailId}</td>
          </tr>
        ))}
      </ScrollTable>
    </>
  );
}

function Waiting({ waiting }: Pick<WebhooksPageProps, 'waiting'>) {
  return (
    <section class="block">
      <ScrollTable
        caption="Not worked off"
        columns={['Received', 'Type', 'Looked at next', 'Id'].map((name) => ({ name, text: true }))}
      >
        {waiting.map(({ svixId, type, receivedAt, nextLookAt }) => (
          <tr>
            <td class="text">{moment(receivedAt)}</td>
            <td class="text">{type}</td>
            <td class="text">{moment(nextLookAt)}</td>
            <td class="text">{svixId}</td>
          </tr>
        ))}
      </ScrollTable>
    </section>
  );
}

function LastDay({ counted }: Pick<WebhooksPageProps, 'counted'>) {
  return (
    <section class="block">
      <ScrollTable
        caption="The last day"
        columns={[{ name: 'Type', text: true }, { name: 'What came of it', text: true }, { name: 'Events' }]}
      >
        {counted.map(({ type, result, events }) => (
          <tr>
            <td class="text">{type}</td>
            <td class="text">{result}</td>
            <td>{number(events)}</td>
          </tr>
        ))}
      </ScrollTable>
    </section>
  );
}
