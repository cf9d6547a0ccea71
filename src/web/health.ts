import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { assertSchema } from '../db/migrate.ts';
import { askQueues, queuesAwayInWords } from '../queue/answer.ts';

/** The scheduler ticks each minute: two missed ticks are trouble. */
const tickOlderThanS = 120;

/** For load balancers and people who ask whether it runs. */
export function healthRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/healthz', (c) => {
    c.header('Cache-Control', 'no-store');
    return c.json({ status: 'ok' });
  });
  routes.get('/readyz', async (c) => {
    c.header('Cache-Control', 'no-store');
    const faults = await findFaults(ctx);
    if (faults.length === 0) return c.json({ status: 'ready' });
    return c.json({ status: 'not ready', faults }, 503);
  });
  return routes;
}

/** What stands in the way of working, as sentences. */
async function findFaults(ctx: Context): Promise<string[]> {
  try {
    if ((await assertSchema(ctx.pool)) === 'empty') return ['The database is empty. Run `npm run migrate`.'];
    const { rows } = await sql<{ ageS: number | null }>`
      select extract(epoch from now() - scheduler_ticked_at)::int "ageS" from installation`.execute(ctx.db);
    return [...schedulerFaults(rows[0]?.ageS ?? null), ...(await queueFaults(ctx))];
  } catch (error) {
    // The message of a lost connection may name hosts and accounts: those are for the log.
    ctx.log.warn({ err: error }, 'not ready');
    const isOurs = error instanceof Error && error.name === 'DatabaseError';
    return [isOurs ? error.message : 'The database does not answer.'];
  }
}

/** Workers wait for queues that are away and the sweep finds what they missed, but nothing moves meanwhile. */
async function queueFaults(ctx: Context): Promise<string[]> {
  try {
    await askQueues(ctx.queues);
    return [];
  } catch (error) {
    ctx.log.warn({ err: error }, 'not ready');
    return [queuesAwayInWords(ctx.backend)];
  }
}

function schedulerFaults(ageS: number | null): string[] {
  if (ageS === null) return ['No scheduler has ticked yet. Start one: `start --roles scheduler,workers`.'];
  return ageS > tickOlderThanS ? [`The scheduler last ticked ${ageS} s ago; it should every 60 s.`] : [];
}
