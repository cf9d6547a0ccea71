import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertNotice } from '../../src/db/notices.ts';
import { listOpenRanges } from '../../src/db/ranges.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { lost, scriptedTransport } from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  await seedReaders(ctx, 2);
});

/** As after a revoked right or a damaged index: whatever reads suppressions fails. */
async function withoutSuppressions(run: () => Promise<void>): Promise<void> {
  await sql`alter table suppressions rename to suppressions_away`.execute(ctx.db);
  try {
    await run();
  } finally {
    await sql`alter table suppressions_away rename to suppressions`.execute(ctx.db);
  }
}

test('while suppressions cannot be read, no digest is composed, and no batch, replay or notice leaves', async () => {
  const { batchIds } = await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  const { id: subscriberId, address } = await ctx.db
    .selectFrom('subscribers')
    .select(['id', 'address'])
    .limit(1)
    .executeTakeFirstOrThrow();
  const notice = { subscriberId, kind: 'link' as const, cause: 'asked', address: address! };
  const noticeId = (await insertNotice(ctx.db, notice))!;
  const transport = scriptedTransport([lost]);
  const handing = { ...ctx, transport };
  await attempt(handing, { batchId: batchIds[0]! });
  await seedReaders(ctx, 2, { name: 'later', sendHour: 8 });
  ctx.setNow('2026-03-20T08:00:00Z');
  await plan(ctx);
  const [rangeId] = await listOpenRanges(ctx.db, 10);
  await hurry(ctx);

  await withoutSuppressions(async () => {
    await expect(compose(ctx, { rangeId: rangeId! })).rejects.toThrow('suppressions');
    expect(await attempt(handing, { batchId: batchIds[0]! })).toBeInstanceOf(Error);
    expect(await attempt(handing, { noticeId })).toBeInstanceOf(Error);
  });
  expect(transport.submissions).toHaveLength(1);
  const { rows } = await sql<{ n: number }>`select count(*)::int n from digests`.execute(ctx.db);
  expect(rows[0]!.n).toBe(2);

  // Once they can be read, everything goes on.
  await compose(ctx, { rangeId: rangeId! });
  await hurry(ctx);
  await attempt(handing, { noticeId });
  await attempt(handing, { batchId: batchIds[0]! });
  expect(transport.submissions).toHaveLength(3);
});
