/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { reopenGate } from '../../db/gates.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { utcDate } from '../../domain/cadence.ts';
import { readDay } from '../../pipeline/day.ts';
import { page } from '../respond.ts';
import type { EditionCounts } from './edition-counts.ts';
import { OverviewPage } from './overview-page.tsx';

const daysPlotted = 30;

/** How the day goes, on one page, and the one thing to press when mail is halted. */
export function overviewRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();

  routes.get('/operators', async (c) => {
    // East of here it is tomorrow already: that edition has only begun.
    const day = await readDay(ctx, counts, { until: utcDate(ctx.now()), days: daysPlotted });
    const { transport, mail, publicUrl } = ctx.config;
    const installation = { transport, from: mail.from, publicUrl, queues: ctx.backend.kind };
    return page(c, <OverviewPage day={day} installation={installation} />);
  });

  routes.post('/operators/resume', async (c) => {
    const reopened = await ctx.db.transaction().execute(async (trx) => {
      const isOurs = await reopenGate(trx, ctx.transport.identity);
      if (isOurs) await recordAction(trx, { operator: 'operator', action: 'resumed the mail' });
      return isOurs;
    });
    if (reopened) {
      ctx.log.info('an operator resumed the mail');
      // The sweep comes within the minute anyway.
      await ctx.queues.add('sweep', {}).catch(() => {});
    }
    return c.redirect('/operators', 303);
  });
  return routes;
}
