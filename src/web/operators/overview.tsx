/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Context } from '../../context.ts';
import { reopenGate } from '../../db/gates.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { utcDate } from '../../domain/cadence.ts';
import { readDay } from '../../pipeline/day.ts';
import { markup, page } from '../respond.ts';
import { DayNow, linesMax, readNow } from './day-now.tsx';
import type { EditionCounts } from './edition-counts.ts';
import { latest, liveScript, liveScriptPath, openLive } from './live.ts';
import { OverviewPage } from './overview-page.tsx';

const daysPlotted = 30;
/** A page that listens asks again then, and for its session as well. */
const listenMsMax = 30 * 60_000;

/** How the day goes, on one page, and the one thing to press when mail is halted. */
export function overviewRoutes(ctx: Context, counts: EditionCounts, ending?: AbortSignal): Hono {
  const routes = new Hono();
  const read = async (days: number) => {
    // East of here it is tomorrow already: that edition has only begun.
    const day = await readDay(ctx, counts, { until: utcDate(ctx.now()), days });
    return { day, now: await readNow(ctx, day) };
  };
  const live = openLive({ look: async () => markup(<DayNow {...await read(linesMax)} />) });

  routes.get('/operators', async (c) => {
    const { transport, mail, publicUrl } = ctx.config;
    const installation = { transport, from: mail.from, publicUrl, queues: ctx.backend.kind };
    return page(c, <OverviewPage {...await read(daysPlotted)} installation={installation} />);
  });

  routes.get('/operators/live', (c) => {
    const told = latest();
    const stop = live.listen(told.put);
    if (!stop)
      return c.text('Too many pages listen already. Reload by hand.\n', 503, { 'Retry-After': '60' });
    // Proxies that collect an answer before they pass it on would keep the news to themselves.
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      const end = setTimeout(told.end, listenMsMax);
      ending?.addEventListener('abort', told.end, { once: true });
      stream.onAbort(told.end);
      for await (const data of told.news) await stream.writeSSE({ event: 'day', data });
      stop();
      clearTimeout(end);
      ending?.removeEventListener('abort', told.end);
    });
  });

  routes.get(liveScriptPath, (c) => {
    c.header('Cache-Control', 'private, max-age=31536000, immutable');
    return c.body(liveScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
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
