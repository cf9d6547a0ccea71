/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { readEditionFacts } from '../../db/edition-facts.ts';
import { releaseEdition } from '../../db/held-editions.ts';
import { listEditionDates, listLedgers, readLedger } from '../../db/ledger.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { isDate } from '../../domain/calendar.ts';
import { page } from '../respond.ts';
import type { EditionCounts } from './edition-counts.ts';
import { EditionPage } from './edition-page.tsx';
import { LedgerTable } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';

const editionsShownMax = 31;

/** Every ledger there is, and one edition in full. */
export function editionRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();

  routes.get('/operators/editions', async (c) => {
    const given = c.req.query('before') ?? '';
    const before = isDate(given) ? given : undefined;
    const found = await listLedgers(ctx.db, editionsShownMax + 1, before);
    const ledgers = found.slice(0, editionsShownMax);
    const outcomes = await counts.outcomes(ledgers.map(({ date }) => date));
    const editions = ledgers.map((ledger) => ({ ledger, outcomes: outcomes.get(ledger.date) }));
    return page(
      c,
      <OperatorSheet title="Editions" section="editions">
        <h1>Editions</h1>
        <p>
          <a href="/operators/dry-run">Who would get what next, and why not</a>
        </p>
        <LedgerTable editions={editions} />
        {found.length > editionsShownMax && (
          <p class="turn">
            <a href={`/operators/editions?before=${ledgers.at(-1)!.date}`}>Older</a>
          </p>
        )}
      </OperatorSheet>,
    );
  });

  routes.get('/operators/editions/:date', async (c) => {
    const date = c.req.param('date');
    const facts = isDate(date) ? await readEditionFacts(ctx.db, date) : undefined;
    if (!facts) return c.notFound();
    const [ledger, outcomes, [dayBefore]] = await Promise.all([
      readLedger(ctx.db, date),
      counts.outcomes([date]),
      listEditionDates(ctx.db, 1, date),
    ]);
    const compared = dayBefore === undefined ? undefined : await readLedger(ctx.db, dayBefore);
    return page(c, <EditionPage {...{ ledger, facts, outcomes: outcomes.get(date), before: compared }} />);
  });

  routes.post('/operators/editions/:date/release', async (c) => {
    const date = c.req.param('date');
    if (!isDate(date)) return c.notFound();
    const released = await ctx.db.transaction().execute(async (trx) => {
      if (!(await releaseEdition(trx, date))) return false;
      await recordAction(trx, { operator: 'operator', action: 'released an edition', subject: date });
      return true;
    });
    if (released) {
      ctx.log.info({ edition: date }, 'an operator released an edition');
      await ctx.queues.add('plan', {});
    }
    return c.redirect(`/operators/editions/${date}`, 303);
  });
  return routes;
}
