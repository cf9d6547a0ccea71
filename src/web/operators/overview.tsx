/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { readGate, reopenGate } from '../../db/gates.ts';
import { listLedgers } from '../../db/ledger.ts';
import { hasUsableList, listSourceDaysSince, type SourceDay } from '../../db/listings.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { readStanding } from '../../db/overview.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { page } from '../respond.ts';
import { sourceName, weekdayOf } from '../wording.ts';
import { tellDay } from './day-sentence.ts';
import type { EditionCounts } from './edition-counts.ts';
import { OverviewPage } from './overview-page.tsx';

const daysPlotted = 30;
const nothingReported = { delivered: 0, bounced: 0, complained: 0 };

/** How the day goes, on one page, and the one thing to press when mail is halted. */
export function overviewRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();

  routes.get('/operators', async (c) => {
    const [ledgers, gate, standing, sourceDays] = await Promise.all([
      listLedgers(ctx.db, daysPlotted),
      readGate(ctx.db, ctx.transport.identity),
      readStanding(ctx.db),
      listSourceDaysSince(ctx.db, addDays(utcDate(ctx.now()), -daysPlotted)),
    ]);
    const outcomes = await counts.outcomes.read(ledgers.map(({ date }) => date));
    const editions = ledgers.map((ledger) => ({ ledger, outcomes: outcomes.get(ledger.date) }));
    const today = utcDate(ctx.now());
    // East of here it is tomorrow already: that edition has only begun.
    const current = editions.find(({ ledger }) => ledger.date <= today) ?? editions[0];
    const { ledger, outcomes: reported = nothingReported } = current ?? {};
    const warning = ledger && (await counts.warnings.read([ledger.date])).get(ledger.date);
    const hasPapers = await hasUsableList(ctx.db, addDays(today, -1));
    const listTroubles = sourceDays.filter(({ day }) => day >= addDays(today, -1)).flatMap(troubleOf);
    const story = tellDay({ ledger, outcomes: reported, gate, standing, hasPapers, listTroubles, warning });
    const { transport, mail, publicUrl } = ctx.config;
    const installation = { transport, from: mail.from, publicUrl, queues: ctx.backend.kind };
    return page(c, <OverviewPage {...{ story, editions, gate, standing, sourceDays, installation }} />);
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

/** A list that failed or is out of date, as something to look at. */
function troubleOf({ source, day, state, note }: SourceDay): string[] {
  if (state !== 'stale' && state !== 'failed') return [];
  const what = state === 'stale' ? 'is not the current one' : 'could not be read';
  return [
    `${sourceName(source)}: the list of ${weekdayOf(day)} ${what}${note ? ` (${note.replace(/\.$/, '')})` : ''}.`,
  ];
}
