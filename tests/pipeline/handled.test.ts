import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reopenGate } from '../../src/db/gates.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { insertNotice } from '../../src/db/notices.ts';
import { movedReason, noticeMove } from '../../src/db/server-identity.ts';
import { examineDatabase } from '../../src/doctor/database.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { handleEditions, latestEditionDate } from '../../src/pipeline/handled.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { lost, scriptedTransport } from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, countMailed, deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  await sql`update installation set server_identity = server_identity(), moved_at = null, handled_through = null`.execute(
    ctx.db,
  );
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 5);
});

/** As a dump has it that was taken on another cluster. */
async function restoreElsewhere(identity = '7000000000000000000/1'): Promise<void> {
  await sql`update installation set server_identity = ${identity}`.execute(ctx.db);
  await noticeMove(ctx.db);
}

const notice = ({ id, address }: SeededReader, cause: string) =>
  insertNotice(ctx.db, { subscriberId: id, kind: 'link', cause, address });
const stateOf = async (id: number | undefined) =>
  (await ctx.db.selectFrom('notices').select('state').where('id', '=', id!).executeTakeFirstOrThrow()).state;

describe('after a dump was restored on another server', () => {
  test('nobody gets a second mail, whatever the dump had under way, and the ledgers add up', async () => {
    await seedReaders(ctx, 3);
    await seedReaders(ctx, 2, { name: 'planned', sendHour: 8 });
    await seedReaders(ctx, 4, { name: 'later', sendHour: 18 });
    // As the dump has it: one slot composed, one planned, one to come; all of them have left since.
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    ctx.setNow('2026-03-20T08:00:00Z');
    await plan(ctx);
    await restoreElsewhere();

    ctx.setNow('2026-03-20T19:00:00Z');
    await deliverAll(ctx);
    expect(await countMailed(ctx)).toEqual(new Map());
    await handleEditions(ctx, edition);
    await planAndCompose(ctx);
    await sweep(ctx);
    await deliverAll(ctx);
    expect(await countMailed(ctx)).toEqual(new Map());
    expect(await readLedger(ctx.db, edition)).toMatchObject({
      audience: 9,
      unknown: 3,
      skipped: { too_late: 6 },
      pending: 0,
      closed: true,
    });

    await seedDay(ctx, '2026-03-20', 5);
    for (const hour of ['07', '08', '18']) await planAndCompose(ctx, `2026-03-21T${hour}:00:00Z`);
    await deliverAll(ctx);
    expect([...(await countMailed(ctx)).values()]).toEqual(Array(9).fill(1));
  });

  test('no batch and no notice leaves, and every page and command says why', async () => {
    const [reader] = await seedReaders(ctx, 2);
    const { batchIds } = await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    const noticeId = (await notice(reader!, 'asked'))!;
    await restoreElsewhere();
    const transport = scriptedTransport();
    await deliver({ ...ctx, transport }, { batchId: batchIds[0]! });
    await deliver({ ...ctx, transport }, { noticeId });
    // Opening the gate is another matter.
    await reopenGate(ctx.db, transport.identity);
    await deliver({ ...ctx, transport }, { batchId: batchIds[0]! });
    expect(transport.submissions).toEqual([]);
    expect(await drain(ctx, [edition])).toEqual({ done: false, reason: `Mail is halted: ${movedReason}.` });
    const checks = await examineDatabase(ctx.pool);
    expect(checks.find(({ name }) => name === 'server')).toMatchObject({ state: 'fail' });
  });

  test('editions after the named date go on: frozen bytes are replayed, composed digests leave', async () => {
    await seedReaders(ctx, 2);
    const { batchIds } = await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    const transport = scriptedTransport([lost]);
    await attempt({ ...ctx, transport }, { batchId: batchIds[0]! });
    await restoreElsewhere();
    expect(await handleEditions(ctx, '2026-03-19')).toEqual({ digests: 0, notices: 0 });
    await deliverAll({ ...ctx, transport });
    expect(new Set(transport.submissions.map(({ key }) => key)).size).toBe(1);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 2 });
  });

  test('what readers ask for on the new server is sent, what the dump had is not', async () => {
    const [reader] = await seedReaders(ctx, 1);
    const before = await notice(reader!, 'before');
    await sql`update notices set created_at = now() - interval '1 minute'`.execute(ctx.db);
    await restoreElsewhere();
    const since = await notice(reader!, 'since');
    expect(await handleEditions(ctx, edition)).toEqual({ digests: 0, notices: 1 });
    await attempt(ctx, { noticeId: since! });
    expect([await stateOf(before), await stateOf(since)]).toEqual(['unknown', 'accepted']);
  });

  test('naming the date again, or an earlier one, changes nothing more', async () => {
    await seedReaders(ctx, 2);
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await restoreElsewhere();
    await handleEditions(ctx, edition);
    const before = await readLedger(ctx.db, edition);
    expect(await handleEditions(ctx, edition)).toEqual({ digests: 0, notices: 0 });
    expect(await handleEditions(ctx, '2026-03-01')).toEqual({ digests: 0, notices: 0 });
    expect(await readLedger(ctx.db, edition)).toEqual(before);
    const { handled_through } = await ctx.db
      .selectFrom('installation')
      .select('handled_through')
      .executeTakeFirstOrThrow();
    expect(handled_through).toBe(edition);
  });

  test('going back to the first server ends the halt by itself', async () => {
    const { rows } = await sql<{ is: string }>`select server_identity() is`.execute(ctx.db);
    await restoreElsewhere();
    expect(await noticeMove(ctx.db)).toBe(false);
    expect(await drain(ctx, [edition])).toMatchObject({ done: true });
    await restoreElsewhere(rows[0]!.is);
    const { moved_at } = await ctx.db.selectFrom('installation').select('moved_at').executeTakeFirstOrThrow();
    expect(moved_at).toBeNull();
  });

  test('what is planned at the very moment is planned or handled, and never mailed', async () => {
    await seedReaders(ctx, 40);
    await restoreElsewhere();
    ctx.setNow('2026-03-20T07:00:00Z');
    await Promise.all([planAndCompose(ctx), handleEditions(ctx, edition), planAndCompose(ctx)]);
    await planAndCompose(ctx);
    await deliverAll(ctx);
    expect(await countMailed(ctx)).toEqual(new Map());
    const { audience, pending, unknown, skipped } = await readLedger(ctx.db, edition);
    expect({ audience, pending, all: unknown + (skipped.too_late ?? 0) }).toEqual({
      audience: 40,
      pending: 0,
      all: 40,
    });
  });
});

test('an installation that could not ask before takes the server it finds', async () => {
  await sql`update installation set server_identity = null`.execute(ctx.db);
  await noticeMove(ctx.db);
  const { server_identity } = await ctx.db
    .selectFrom('installation')
    .select('server_identity')
    .executeTakeFirstOrThrow();
  expect(server_identity).toMatch(/^\d+\/\d+$/);
});

test('the latest edition is the one of where the day begins', () => {
  ctx.setNow('2026-03-20T12:00:00Z');
  expect(latestEditionDate(ctx)).toBe('2026-03-21');
});
