/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { listEditionDates } from '../../db/ledger.ts';
import { recordAction } from '../../db/operator-actions.ts';
import {
  countEvents,
  listSilentDigests,
  listWaitingEvents,
  type SilentDigest,
  type WaitingEvent,
} from '../../db/webhook-inbox.ts';
import { questionsMax, reconcile } from '../../pipeline/reconcile.ts';
import { page } from '../respond.ts';
import { moment } from '../wording.ts';
import type { EditionCounts } from './edition-counts.ts';
import { keepCounts } from './kept-counts.ts';
import { number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

/** Editions whose mails may still be heard of. */
const editionsLooked = 4;
const waitingShownMax = 50;
const silentShownMax = 50;
const freshMs = 60_000;

/** What the world reported, what waits to be worked off, and of which mails nothing was heard. */
export function webhookInboxRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();
  const onError = (err: unknown) => ctx.log.warn({ err }, 'webhook events could not be counted');
  const kept = { freshMs: () => freshMs, onError };
  const events = keepCounts({ count: () => countEvents(ctx.db), ...kept });
  const silent = keepCounts({
    count: (dates) => listSilentDigests(ctx.db, dates.split(' '), silentShownMax),
    ...kept,
  });
  let isAsking = false;

  routes.get('/operators/webhooks', async (c) => {
    const dates = await listEditionDates(ctx.db, editionsLooked);
    const outcomes = await counts.outcomes(dates);
    const gaps = dates.map((date) => ({ date, silent: outcomes.get(date)?.silent }));
    // A whole edition is looked through for these, so only where there are any.
    const gapped = gaps
      .filter((gap) => gap.silent)
      .map(({ date }) => date)
      .join(' ');
    const [waiting, counted, some] = await Promise.all([
      listWaitingEvents(ctx.db, waitingShownMax),
      events.read(['day']),
      silent.read(gapped ? [gapped] : []),
    ]);
    const said = /^(\d{1,3})-(\d{1,3})$/.exec(c.req.query('asked') ?? '');
    return page(
      c,
      <WebhooksPage
        waiting={waiting}
        counted={counted.get('day') ?? []}
        gaps={gaps}
        digests={some.get(gapped) ?? []}
        canAsk={ctx.transport.lookUp !== undefined}
        said={
          said
            ? `Asked about ${said[1]}; of ${said[2]} something new is known, and being worked off.`
            : undefined
        }
      />,
    );
  });

  routes.post('/operators/webhooks/reconcile', async (c) => {
    if (isAsking) return c.redirect('/operators/webhooks', 303);
    isAsking = true;
    try {
      await recordAction(ctx.db, { operator: 'operator', action: 'asked what became of silent mails' });
      const done = await reconcile(ctx, await listEditionDates(ctx.db, editionsLooked));
      return c.redirect(`/operators/webhooks${done ? `?asked=${done.asked}-${done.answered}` : ''}`, 303);
    } finally {
      isAsking = false;
    }
  });
  return routes;
}

interface WebhooksPageProps {
  waiting: readonly WaitingEvent[];
  counted: readonly { type: string; result: string; events: number }[];
  gaps: readonly { date: string; silent: number | undefined }[];
  digests: readonly SilentDigest[];
  canAsk: boolean;
  said: string | undefined;
}

function WebhooksPage({ waiting, counted, gaps, digests, canAsk, said }: WebhooksPageProps) {
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
        {waiting.length === 0
          ? 'Every event is worked off.'
          : `${waiting.length === waitingShownMax ? 'Many' : number(waiting.length)} events wait.`}{' '}
        {silent === 0
          ? 'Of every mail accepted more than an hour ago something was heard.'
          : `Of ${number(silent)} mails accepted more than an hour ago nothing was heard.`}
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
