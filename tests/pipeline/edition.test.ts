import { describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { checkEverything, env, importReaders, tenRecordedDays, walk } from '../support/edition-walk.ts';
import { recordedData } from '../support/recorded.ts';

describe.skipIf(!recordedData)('an edition of recorded papers', () => {
  test(
    '2,000 readers in 12 zones over ten days get exactly what a naive selection gives, once',
    { timeout: 540_000 },
    async () => {
      const ctx = await openTestContext({ now: '2026-06-01T00:00:00Z', env });
      try {
        const readers = await importReaders(ctx, 2000, (n) => (n * 7) % 24);
        const expected = await walk([ctx], readers, tenRecordedDays(), {
          from: '2026-06-01T00:00:00Z',
          hours: 12 * 24,
        });
        expect(expected.size).toBeGreaterThan(15_000);
        await checkEverything(ctx, readers, expected);
        const ranges = await ctx.db.selectFrom('ranges').select('id').execute();
        const composed = await ctx.db.selectFrom('batches').select('range_id').distinct().execute();
        expect(await readCompleted(ctx, 'compose')).toBeGreaterThanOrEqual(ranges.length);
        // A range's batches share jobs, and no two ranges do.
        expect(await readCompleted(ctx, 'deliver')).toBeGreaterThanOrEqual(composed.length);
      } finally {
        await ctx.close();
      }
    },
  );

  test('two at once give the same digests as one', { timeout: 540_000 }, async () => {
    const ctx = await openTestContext({ now: '2026-06-01T00:00:00Z', env });
    const other = await openTestContext({ now: '2026-06-01T00:00:00Z', env, beside: ctx });
    try {
      const readers = await importReaders(ctx, 600, (n) => (n * 5) % 24);
      const expected = await walk([ctx, other], readers, tenRecordedDays(), {
        from: '2026-06-01T00:00:00Z',
        hours: 3 * 24,
      });
      await checkEverything(ctx, readers, expected);
    } finally {
      await other.close();
      await ctx.close();
    }
  });
});

/** What BullMQ says it completed, from its own count. */
async function readCompleted(ctx: TestContext, name: 'compose' | 'deliver'): Promise<number> {
  return (await ctx.queues.queue(name).getMetrics('completed')).meta.count;
}
