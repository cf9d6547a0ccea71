import type pg from 'pg';
import { expect, test } from 'vitest';
import { openPool } from '../../src/db/connect.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { migrate } from '../../src/db/migrate.ts';
import { track } from '../../src/pipeline/track.ts';
import { openTestContext } from '../support/context.ts';
import { openTestDatabase } from '../support/database.ts';
import { fillFirstRelease, migrateToFirstRelease } from '../support/first-release.ts';
import { countMailed, deliverAll, planAndCompose, readDigests } from '../support/steps.ts';

/** Every row of every table of ours, as JSON, by table. */
async function readEverything(pool: pg.Pool): Promise<Map<string, Record<string, unknown>[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'broadsheet'::regnamespace
      and c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'kysely%' order by 1`,
  );
  const everything = new Map<string, Record<string, unknown>[]>();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from ${name} t order by t::text`,
    );
    everything.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return everything;
}

test('a database of the first release, with data, is brought up to date: nothing is lost, and an edition runs', async () => {
  const database = await openTestDatabase({ migrated: false });
  const pool = openPool(database.databaseUrl, { max: 2, applicationName: 'upgrade' });
  const suppressionKey = Buffer.alloc(32, 2);
  await migrateToFirstRelease(pool);
  await fillFirstRelease(pool, suppressionKey);
  const before = await readEverything(pool);
  await migrate(pool);
  const after = await readEverything(pool);
  await pool.end();

  const empty = [...before].filter(([, rows]) => rows.length === 0).map(([table]) => table);
  expect(empty).toEqual(['fragments', 'mailbox_keys', 'missed_slots', 'shells']);
  for (const [table, rows] of before) {
    const kept = after.get(table)!;
    expect(kept, table).toHaveLength(rows.length);
    expect(kept, table).toEqual(expect.arrayContaining(rows.map((row) => expect.objectContaining(row))));
  }

  const ctx = await openTestContext({
    now: '2026-03-20T06:00:00Z',
    beside: { databaseUrl: database.databaseUrl } as never,
  });
  try {
    await track(ctx);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(ctx);
    const { audience, accepted, skipped, pending } = await readLedger(ctx.db, '2026-03-20');
    expect({ audience, accepted, skipped, pending }).toEqual({
      audience: 4,
      accepted: 2,
      skipped: { suppressed: 2 },
      pending: 0,
    });
    expect([...(await countMailed(ctx)).keys()].toSorted()).toEqual([
      'ada@uni.test',
      'kenji@uni.test',
      'lucia@uni.test',
    ]);
    const kenji = (await readDigests(ctx, '2026-03-20')).find(({ subscriberId }) => subscriberId === 2)!;
    expect(kenji.papers).toHaveLength(3);
    // What the release before mailed yesterday does not come again.
    const mailed = ['12', '11', '10'].map((n) => `arxiv:2603.100${n}`);
    expect(kenji.papers.filter((key) => mailed.includes(key))).toEqual([]);
  } finally {
    await ctx.close();
    await database.close();
  }
});
