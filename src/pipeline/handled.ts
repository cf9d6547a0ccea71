/** After a restore: what the server before this one may have mailed counts as handled. One transaction: all of it or nothing. */
import type { Context } from '../context.ts';
import { recordAction } from '../db/operator-actions.ts';
import { countHandled, type Handled } from '../db/server-identity.ts';
import { localDateAt } from '../domain/cadence.ts';

/** Where a date begins first. */
const farthestEast = 'Pacific/Kiritimati';

/** The last date that any edition can have by now. */
export function latestEditionDate(ctx: Context): string {
  return localDateAt(farthestEast, ctx.now());
}

/**
 * Lets mail flow again after this database was restored or moved, with editions up to `through` taken as handled
 * (RULES 21). Repeating it with a later date handles more; an earlier one takes nothing back.
 */
export async function handleEditions(ctx: Context, through: string): Promise<Handled> {
  const handled = await ctx.db.transaction().execute(async (trx) => {
    const counted = await countHandled(trx, through);
    const action = 'counted editions as handled';
    await recordAction(trx, { operator: 'command line', action, subject: through });
    return counted;
  });
  ctx.log.warn({ through, ...handled }, 'editions count as handled; mail flows again');
  await ctx.queues.add('sweep', {});
  return handled;
}
