import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { isDate } from '../../domain/calendar.ts';
import { actOnEdition } from '../../pipeline/breakers.ts';

/** Where each act of an operator on an edition is posted. */
export const actPaths = { pause: 'pause', resume: 'resume', letGo: 'let-go' } as const;

/** Pausing an edition, resuming it with a canary first, and letting the rest go. What means nothing at the moment does nothing. */
export function courseRoutes(ctx: Context): Hono {
  const routes = new Hono();
  for (const [act, path] of Object.entries(actPaths) as [keyof typeof actPaths, string][]) {
    routes.post(`/operators/editions/:date/${path}`, async (c) => {
      const date = c.req.param('date');
      if (!isDate(date)) return c.notFound();
      await actOnEdition(ctx, date, act, 'operator');
      return c.redirect('/operators', 303);
    });
  }
  return routes;
}
