import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../src/context.ts';
import { matchPapers } from '../../src/db/matches.ts';
import { ensureTopics, syncCuratedTopics } from '../../src/db/topics.ts';
import { ingestFile } from '../../src/pipeline/ingest.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const shared = fileURLToPath(new URL('../../../shared/data/hf-daily-papers', import.meta.url));
if (!existsSync(shared)) console.warn(`Skipped: the recorded lists are not at ${shared}.`);

let database: TestDatabase;
const contextAt = (at: string): Context => ({ db: database.db, now: () => new Date(at) }) as unknown as Context;

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

describe.skipIf(!existsSync(shared))('the recorded lists of Hugging Face', () => {
  test('837 records become 836 papers and 837 listings, none rejected', async () => {
    await syncCuratedTopics(database.db);
    const ctx = contextAt('2026-07-18T06:00:00Z');
    const raw = join(shared, 'raw');
    const total = { added: 0, updated: 0, unchanged: 0, rejected: 0 };
    const t = performance.now();
    for (const file of readdirSync(raw).toSorted()) {
      const result = await ingestFile(ctx, join(raw, file));
      total.added += result.added;
      total.updated += result.updated;
      total.unchanged += result.unchanged;
      total.rejected += result.rejected.length;
    }
    console.log(performance.now() - t, total);
    expect(total).toEqual({ added: 836, updated: 1, unchanged: 0, rejected: 0 });
    expect(await count('listings')).toBe(837);
    expect(await count('papers')).toBe(836);
    console.log(await count('matches'));
    const again = await ingestFile(ctx, join(raw, '2026-07-17.json'));
    expect(again).toEqual({ added: 0, updated: 0, unchanged: 20, rejected: [] });
    console.log(await ensureTopics(database.db, ['Video generation', 'speculative decoding', 'the of', '"speculative decoding"']));
    console.log(await count('matches'));
  });
});

async function count(table: 'papers' | 'listings' | 'matches'): Promise<number> {
  const row = await database.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}
