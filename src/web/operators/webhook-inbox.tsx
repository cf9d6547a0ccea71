/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { listEditionDates } from '../../db/ledger.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { countEvents, listSilentDigests, listWaitingEvents } from '../../db/webhook-inbox.ts';
import { reconcile } from '../../pipeline/reconcile.ts';
import { page } from '../respond.ts';
import type { EditionCounts } from './edition-counts.ts';
import { keepCounts } from './kept-counts.ts';
import { waitingShownMax, WebhooksPage } from './webhook-inbox-page.tsx';

/** Editions whose mails may still be heard of. */
const editionsLooked = 4;
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
