import type pg from 'pg';
import { openDatabase } from '../db/connect.ts';
import { isSuppressionKey, otherKeyReason } from '../db/suppression-key.ts';
import { type Check, fail, ok } from './check.ts';

/** Whether the suppressions can be read with the key of this configuration (RULES 16). */
export async function examineSuppressionKey(pool: pg.Pool, key: Buffer): Promise<Check> {
  if (await isSuppressionKey(openDatabase(pool), key))
    return ok('suppression key', 'the one that the suppressions were made with');
  return fail('suppression key', `Nothing starts: ${otherKeyReason}.`);
}
