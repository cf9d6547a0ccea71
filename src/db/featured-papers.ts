import { type Kysely, sql } from 'kysely';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { type OperatorAction, recordAction } from './operator-actions.ts';
import type { Database } from './schema.ts';

/**
 * Features a paper with an editor's note, changes the note, or ends it with an empty one, and writes down who did. Cards
 * made from now on have it; digests that are composed keep theirs. False when it was so already, or there is no such paper.
 */
export async function setEditorNote(
  db: Kysely<Database>,
  key: string,
  note: string,
  operator: OperatorAction['operator'],
): Promise<boolean> {
  return changeCatalogue(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('papers')
      .set({
        editor_note: note,
        featured_at: note === '' ? null : sql<Date>`now()`,
        // A card is kept by the paper's revision.
        revision: sql<number>`revision + 1`,
      })
      .where('key', '=', key)
      .where('editor_note', '<>', note)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const action = note === '' ? 'featured a paper no longer' : 'featured a paper';
    await recordAction(trx, { operator, action, subject: key });
    await bumpDataGeneration(trx);
    return true;
  });
}
