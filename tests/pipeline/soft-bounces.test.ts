import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPartition, storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { addressHash } from '../../src/domain/address.ts';
import { addDays, utcDate } from '../../src/domain/cadence.ts';
import { digestTag } from '../../src/domain/digest.ts';
import { track } from '../../src/pipeline/track.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { type SeededReader, seedReaders } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

const daysCount = 14;
/** Real time: how far back outcomes are read is counted from the database's own day. */
const firstDay = addDays(utcDate(new Date()), -daysCount);

let ctx: TestContext;
let reader: SeededReader;
beforeAll(async () => {
  ctx = await openTestContext();
  for (let n = 0; n < daysCount; n++)
    await createPartition(ctx.db, 'digests', addDays(firstDay, n), addDays(firstDay, n + 1));
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  reader = (await seedReaders(ctx, 1))[0]!;
  await mailEveryDay();
});

/** One digest a day, to the address the reader has. */
async function mailEveryDay(): Promise<void> {
  await sql`insert into digests (subscriber_id, local_date, batch_id, position, address)
    select ${reader.id}, ${firstDay}::date + n, 1, 0, ${reader.address} from generate_series(0, ${daysCount - 1}) n`.execute(
    ctx.db,
  );
}

type Outcome = 'soft' | 'delivered' | 'policy';
interface Report {
  day: number;
  outcome: Outcome;
  hour?: number;
}

const diagnostics = { soft: 'smtp; 452 4.2.2 mailbox full', policy: 'smtp; 550 5.7.1 blocked' };
let events = 0;

async function hear({ day, outcome, hour = 8 }: Report): Promise<void> {
  const date = addDays(firstDay, day);
  const type = outcome === 'delivered' ? 'email.delivered' : 'email.bounced';
  const body = JSON.stringify({
    type,
    created_at: `${date}T${String(hour).padStart(2, '0')}:00:00Z`,
    data: {
      tags: { digest: digestTag(reader.id, date) },
      ...(outcome !== 'delivered' && {
        bounce: { type: 'Transient', diagnosticCode: [diagnostics[outcome]] },
      }),
    },
  });
  await storeWebhookEvent(ctx.db, { svixId: `msg_${++events}`, type, body });
}

async function readReason(): Promise<string | undefined> {
  const row = await ctx.db
    .selectFrom('suppressions')
    .select('reason')
    .where('address_hash', '=', addressHash(ctx.config.suppressionKey, reader.address))
    .executeTakeFirst();
  return row?.reason;
}

async function hearAll(reports: Report[]): Promise<void> {
  for (const report of reports) {
    await hear(report);
    await track(ctx);
  }
}

const soft = (...days: number[]): Report[] => days.map((day) => ({ day, outcome: 'soft' }));

test('five soft bounces in a row over seven days suppress the address', async () => {
  await hearAll(soft(0, 2, 4, 6));
  expect(await readReason()).toBeUndefined();
  await hearAll(soft(7));
  expect(await readReason()).toBe('soft_bounces');
});

test('five within less than seven days do not', async () => {
  await hearAll(soft(0, 1, 2, 3, 4, 5, 6));
  expect(await readReason()).toBeUndefined();
});

test('a delivery starts the count afresh', async () => {
  await hearAll([...soft(0, 1, 2, 3), { day: 4, outcome: 'delivered' }, ...soft(5, 7, 8, 9)]);
  expect(await readReason()).toBeUndefined();
  await hearAll(soft(12));
  expect(await readReason()).toBe('soft_bounces');
});

test('one mail that bounces again and again counts once', async () => {
  const again = Array.from({ length: 9 }, (_, hour): Report => ({ day: 0, outcome: 'soft', hour }));
  await hearAll([...again, ...soft(3, 6, 9)]);
  expect(await readReason()).toBeUndefined();
});

test('a mail that arrived after all, or answered by itself, does not count', async () => {
  await hearAll([...soft(0, 2, 4, 6), { day: 8, outcome: 'delivered', hour: 7 }, ...soft(8)]);
  expect(await readReason()).toBeUndefined();
});

test('policy bounces never count', async () => {
  await hearAll(Array.from({ length: 12 }, (_, day): Report => ({ day, outcome: 'policy' })));
  expect(await readReason()).toBeUndefined();
});

test('what bounced at another address does not count against the one the reader has now', async () => {
  await sql`update digests set address = 'old@uni.test' where local_date < ${addDays(firstDay, 5)}`.execute(
    ctx.db,
  );
  await hearAll(soft(0, 2, 4, 6, 7));
  expect(await readReason()).toBeUndefined();
});

test('a delivery heard of late takes the suppression back, but no other reason', async () => {
  await hearAll(soft(0, 2, 4, 6, 7));
  await hearAll([{ day: 8, outcome: 'delivered' }]);
  expect(await readReason()).toBeUndefined();
  await sql`insert into suppressions (address_hash, reason, origin)
    values (${addressHash(ctx.config.suppressionKey, reader.address)}, 'manual', 'operator')`.execute(ctx.db);
  await hearAll([{ day: 9, outcome: 'delivered' }]);
  expect(await readReason()).toBe('manual');
});

test('in whatever order the reports come, and however often, it ends the same', async () => {
  const report = fc.record({
    day: fc.nat(daysCount - 1),
    outcome: fc.constantFrom<Outcome[]>('soft', 'soft', 'soft', 'delivered', 'policy'),
    hour: fc.integer({ min: 6, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(report, { minLength: 6, maxLength: 16 }),
      fc.infiniteStream(fc.nat()),
      async (reports, dice) => {
        const ends = [];
        for (let round = 0; round < 2; round++) {
          await sql`truncate webhook_events, suppressions, digests`.execute(ctx.db);
          await mailEveryDay();
          const shuffled = reports
            .flatMap((one) => (round === 0 ? [one] : [one, one]))
            .map((one) => ({ one, rank: dice.next().value }))
            .toSorted((a, b) => a.rank - b.rank);
          for (const [n, { one }] of shuffled.entries()) {
            await hear(one);
            if (n % (round + 2) === 0) await track(ctx);
          }
          await track(ctx);
          ends.push(await readReason());
        }
        expect(ends[1]).toBe(ends[0]);
      },
    ),
    { numRuns: 25 },
  );
});
