import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { closeEditions, sweep } from '../../src/pipeline/sweep.ts';
import { openTestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { countMailed, deliverAll, planAndCompose } from '../support/steps.ts';

const manual = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');

test('after a restored dump, the manual’s statements and its twelve hours keep everybody from a second mail', async () => {
  const ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  await seedDay(ctx, '2026-03-19', 5);
  await seedReaders(ctx, 3);
  await seedReaders(ctx, 2, { name: 'later', sendHour: 8 });
  // As the dump has it: one slot composed and one planned, both of which have left since.
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  ctx.setNow('2026-03-20T08:00:00Z');
  await plan(ctx);

  await ctx.pool.query(/```sql\n(.*?)```/s.exec(manual)![1]!);
  await planAndCompose(ctx, '2026-03-21T06:00:00Z');
  await sweep(ctx);
  await deliverAll(ctx);
  expect(await countMailed(ctx)).toEqual(new Map());
  expect((await readLedger(ctx.db, '2026-03-20')).unknown).toBe(3);
  await closeEditions(ctx, ctx.now());

  await seedDay(ctx, '2026-03-20', 5);
  await planAndCompose(ctx, '2026-03-21T08:00:00Z');
  await deliverAll(ctx);
  expect([...(await countMailed(ctx)).values()]).toEqual([1, 1, 1, 1, 1]);
  await ctx.close();
});
