import { type Kysely, sql } from 'kysely';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { type OperatorAction, recordAction } from './operator-actions.ts';
import type { Database } from './schema.ts';

/**
 * Takes a paper out of every digest and page that is still to be made, or puts it back, and writes down who did.
 * Digests that were mailed keep it. False when it was so already, or there is no such paper.
 */
export async function setHidden(
  db: Kysely<Database>,
  key: string,
  isHidden: boolean,
  operator: OperatorAction['operator'],
): Promise<boolean> {
  return changeCatalogue(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('papers')
      .set({ hidden_at: isHidden ? sql<Date>`now()` : null })
      .where('key', '=', key)
      .where('hidden_at', isHidden ? 'is' : 'is not', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await recordAction(trx, {
      operator,
      action: isHidden ? 'hid a paper' : 'showed a paper again',
      subject: key,
    });
    await bumpDataGeneration(trx);
    return true;
  });
}
