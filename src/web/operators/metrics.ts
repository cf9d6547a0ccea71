import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../../context.ts';
import { listLedgers } from '../../db/ledger.ts';
import { measure } from '../../db/measurements.ts';
import { readStanding } from '../../db/overview.ts';
import { roomToday } from '../../pipeline/daily-cap.ts';
import { inTime } from '../../queue/in-time.ts';
import { queueNames } from '../../queue/queues.ts';
import { openLimiter } from '../limiter.ts';
import { type Look, type MetricsRegistry, openRegistry } from '../metrics-registry.ts';
import { peerOf } from '../respond.ts';
import type { EditionCounts } from './edition-counts.ts';
import { givenPassword, isPassword } from './password.ts';

/** Today's edition, tomorrow's that the east has begun, and yesterday's that the west has not ended. */
const editionsTold = 3;
const triesMax = 10;
const triesWindowMs = 60_000;

/** `/metrics` for Prometheus, behind the operators' password as a bearer token or with HTTP Basic. */
export function metricsRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();
  const tries = openLimiter({ max: triesMax, windowMs: triesWindowMs });
  let registry: MetricsRegistry | undefined;
  let telling: Promise<string> | undefined;

  routes.get('/metrics', async (c) => {
    c.header('Cache-Control', 'no-store');
    const from = peerOf(c) ?? 'unknown';
    if (tries.isFull(from)) return c.text('Too many wrong passwords.\n', 429, { 'Retry-After': '60' });
    const password = givenPassword(c.req.header('authorization'));
    if (password === undefined) return refuse(c);
    if (!isPassword(ctx.config, password)) {
      tries.take(from);
      return refuse(c);
    }
    const opened = (registry ??= openRegistry());
    // Several scrapers at once share one look.
    telling ??= look(ctx, counts)
      .then((seen) => opened.tell(seen))
      .finally(() => (telling = undefined));
    return c.body(await telling, 200, { 'Content-Type': opened.contentType });
  });
  return routes;
}

function refuse(c: HttpContext): Response {
  c.header('WWW-Authenticate', 'Bearer realm="Broadsheet metrics"');
  return c.text('The metrics need the operators’ password as a bearer token.\n', 401);
}

async function look(ctx: Context, counts: EditionCounts): Promise<Look> {
  const { identity: transport } = ctx.transport;
  const [ledgers, measured, standing, readers, queues, room] = await Promise.all([
    listLedgers(ctx.db, editionsTold),
    measure(ctx.db, { transport, perSecond: ctx.config.ratePerSecond }),
    readStanding(ctx.db),
    counts.readers(),
    countJobs(ctx),
    roomToday(ctx),
  ]);
  const outcomes = await counts.outcomes(ledgers.map(({ date }) => date));
  return { ledgers, outcomes, measured, standing, readers, queues, isCapped: room === 0 };
}

/** The queues' own counts. Queues that are away leave a gap, and no more than that. */
async function countJobs(ctx: Context): Promise<Look['queues']> {
  const counted = await Promise.all(
    queueNames.map(async (queue) => {
      const jobs = await inTime(ctx.queues.queue(queue).getJobCounts(), queuesWaitMs).catch(() => ({}));
      return Object.entries(jobs).map(([state, n]) => ({ queue, state, jobs: n }));
    }),
  );
  return counted.flat();
}

const queuesWaitMs = 2000;
