import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reopenGate } from '../../src/db/gates.ts';
import { listLedgers } from '../../src/db/ledger.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { balances, total } from '../../src/domain/ledger.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { savePreferences } from '../../src/pipeline/preferences.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  type ForgetfulProvider,
  forgetfulProvider,
  type Mood,
  moods,
} from '../support/forgetful-provider.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, deliverAll, hurry } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

type Step =
  | { does: 'time goes by'; hours: number }
  | { does: 'plan' | 'compose' | 'sweep' | 'reopen' | 'outlive' }
  | { does: 'deliver'; mood: Mood; which: number; dies: boolean }
  | { does: 'leave' | 'complain' | 'move'; who: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('time goes by' as const),
      hours: fc.integer({ min: 1, max: 16 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ does: fc.constantFrom('plan' as const, 'compose' as const, 'sweep' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('reopen' as const, 'outlive' as const) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      does: fc.constant('deliver' as const),
      mood: fc.constantFrom(...moods),
      which: fc.nat(5),
      dies: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('leave' as const, 'complain' as const, 'move' as const),
      who: fc.nat(15),
    }),
  },
);

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());

type World = TestContext & { transport: ForgetfulProvider; readers: SeededReader[] };

async function begin(): Promise<World> {
  await wipe(base);
  base.setNow('2026-03-20T00:30:00Z');
  for (const day of ['2026-03-17', '2026-03-18', '2026-03-19']) await seedDay(base, day, 12);
  const readers = [
    ...(await seedReaders(base, 5, { name: 'utc', sendHour: 7 })),
    ...(await seedReaders(base, 4, { name: 'tokyo', timeZone: 'Asia/Tokyo', sendHour: 18 })),
    ...(await seedReaders(base, 4, { name: 'york', timeZone: 'America/New_York', sendHour: 7 })),
    ...(await seedReaders(base, 2, { name: 'weekly', weekdays: 0b1000000 })),
    ...(await seedReaders(base, 1, { name: 'picky', topics: ['volcano eruptions'] })),
  ];
  return { ...base, transport: forgetfulProvider(), readers };
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.does) {
    case 'time goes by':
      return world.setNow(new Date(world.now().getTime() + step.hours * 3_600_000).toISOString());
    case 'plan':
      return void (await plan(world));
    case 'compose': {
      const range = await world.db
        .selectFrom('ranges')
        .select('id')
        .where('composed_at', 'is', null)
        .limit(1)
        .execute();
      for (const { id } of range) await compose(world, { rangeId: id });
      return;
    }
    case 'sweep':
      return sweep(world);
    case 'reopen':
      return void (await reopenGate(world.db, world.transport.identity));
    case 'outlive':
      await sql`update batches set first_attempt_at = first_attempt_at - interval '21 hours'
        where state = 'frozen'`.execute(world.db);
      return;
    case 'deliver': {
      await hurry(world);
      world.transport.mood = step.mood;
      const waiting = await world.db
        .selectFrom('batches')
        .select('id')
        .where('state', 'in', ['composed', 'frozen'])
        .orderBy('id')
        .execute();
      const batch = waiting[step.which % Math.max(1, waiting.length)];
      const process = step.dies ? { ...world, transport: dying(world) } : world;
      const fault = batch && (await attempt(process, { batchId: batch.id }));
      if (fault) throw fault;
      return;
    }
    case 'leave':
      return unsubscribe(world, readerOf(world, step.who).id);
    case 'complain': {
      const hash = addressHash(world.config.suppressionKey, readerOf(world, step.who).address);
      return suppress(world.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
    }
    case 'move': {
      const { id } = readerOf(world, step.who);
      const claims = { purpose: 'preferences' as const, subscriberId: id, addressVersion: 1 };
      const slot = { timeZone: 'Europe/Paris', sendHour: (step.who * 5) % 24, weekdays: everyDay };
      return void (await savePreferences(world, claims, { topics: ['robots'], maxPapers: 2, ...slot }));
    }
  }
}

/** The request is made, and what comes of it is never written down: the claim has gone to a process that is dead too. */
function dying(world: World): Transport {
  return {
    ...world.transport,
    async submit(request) {
      const receipt = await world.transport.submit(request);
      await sql`update batches set lease = 1 where lease is not null`.execute(world.db);
      return receipt;
    },
  };
}

function readerOf({ readers }: World, who: number): SeededReader {
  return readers[who % readers.length]!;
}

async function expectEveryoneCounted(world: World): Promise<void> {
  for (const ledger of await listLedgers(world.db, 50)) {
    const { audience, accepted, skipped, failed, unknown, pending } = ledger;
    expect(audience, JSON.stringify(ledger)).toBe(
      accepted + total(skipped) + total(failed) + unknown + pending,
    );
  }
}

async function expectRowsToAgree(world: World): Promise<void> {
  const { rows } = await sql<{ date: string; n: number }>`
    select local_date date, count(*)::int n from digests group by 1`.execute(world.db);
  const counted = new Map(rows.map(({ date, n }) => [date, n]));
  for (const ledger of await listLedgers(world.db, 50)) {
    expect(balances(ledger), JSON.stringify(ledger)).toBe(true);
    expect(ledger.audience).toBe((counted.get(ledger.date) ?? 0) + (ledger.skipped.too_late ?? 0));
    const taken = [...world.transport.taken.keys()].filter((tag) =>
      tag.endsWith(ledger.date.replaceAll('-', '')),
    );
    expect(taken.length).toBeGreaterThanOrEqual(ledger.accepted);
    expect(taken.length).toBeLessThanOrEqual(ledger.accepted + ledger.unknown);
  }
}

test('nobody is lost, nobody is mailed twice, and every ledger balances at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 15, maxLength: 45 }), async (steps) => {
      const world = await begin();
      world.setNow('2026-03-20T07:00:00Z');
      await plan(world);
      for (const step of steps) {
        await take(world, step);
        await expectEveryoneCounted(world);
      }
      // In the end everything is quiet again.
      world.transport.mood = 'takes';
      await reopenGate(world.db, world.transport.identity);
      for (const open of await world.db
        .selectFrom('ranges')
        .select('id')
        .where('composed_at', 'is', null)
        .execute())
        await compose(world, { rangeId: open.id });
      expect(await deliverAll(world)).toEqual([]);
      await expectRowsToAgree(world);
      expect(world.transport.faults).toEqual([]);
      expect([...world.transport.taken].filter(([, times]) => times > 1)).toEqual([]);
    }),
    { numRuns: 10 },
  );
});
