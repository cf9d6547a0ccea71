import { type Kysely, type RawBuilder, sql } from 'kysely';
import { hmacSha256 } from '../domain/hmac.ts';
import type { Database } from './schema.ts';

/** Tells one key from another, and nothing about either. */
const fingerprintLabel = 'broadsheet: the fingerprint of a suppression key';

/** What is wrong where the key is another one, and what to do. */
export const otherKeyReason =
  'SUPPRESSION_KEY is not the key that the suppressions in this database were made with, so addresses that bounced or complained would be mailed again. Put the old one back, from your copy of it or of .env, or from secrets.json in the data folder of the trial; docs/operating.md (Rotating keys) says what is left to do where it is lost';

/**
 * Notes which key the suppressions are made with. False where they were made with another one. While there is none yet, a
 * new key takes the place of the old one: nobody can be lost by it.
 */
export async function keepSuppressionKey(db: Kysely<Database>, key: Buffer): Promise<boolean> {
  await sql`update installation set suppression_key_fingerprint = ${fingerprintOf(key)}
    where not ${isKeyOf(key)} and (suppression_key_fingerprint is null or not exists (select 1 from suppressions))`.execute(
    db,
  );
  return isSuppressionKey(db, key);
}

/** Whether the suppressions were made with this key, as far as anybody has noted; changes nothing. */
export async function isSuppressionKey(db: Kysely<Database>, key: Buffer): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select suppression_key_fingerprint is null or ${isKeyOf(key)} "is" from installation`.execute(db);
  return rows[0]!.is;
}

function isKeyOf(key: Buffer): RawBuilder<boolean> {
  return sql<boolean>`coalesce(suppression_key_fingerprint = ${fingerprintOf(key)}, false)`;
}

function fingerprintOf(key: Buffer): Buffer {
  return hmacSha256(key, fingerprintLabel);
}
