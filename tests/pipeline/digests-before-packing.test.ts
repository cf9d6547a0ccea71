import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Composition, pack, unpack } from '../../src/domain/digest.ts';
import { openFragmentStore } from '../../src/pipeline/fragment-store.ts';
import { viewDigest } from '../../src/pipeline/view.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { lost, scriptedTransport } from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

// Digests that a release before 0018_packed_digests wrote: their numbers stand in an integer array.

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(() => wipe(base));

/** The layout of the array. */
function numbersOf({ subject, dayline, slot, topics, cards, isTextOnly }: Composition): number[] {
  const count = isTextOnly ? ~topics.length : topics.length;
  return [subject, dayline, slot, count, ...topics, ...cards.flatMap(({ card, why }) => [card, why])];
}

/** Leaves every digest as that release would have written it. */
async function writeAsBefore({ db }: TestContext): Promise<void> {
  const { rows } = await sql<{ id: number; packed: Buffer }>`
    select subscriber_id id, packed from digests where packed is not null`.execute(db);
  for (const { id, packed } of rows)
    await sql`update digests set packed = null, composition = ${numbersOf(unpack(packed))}::int[]
      where subscriber_id = ${id}`.execute(db);
}

test('a batch that was under way while the release changed is replayed with the very same bytes', async () => {
  base.setNow('2026-03-20T06:00:00Z');
  await seedDay(base, '2026-03-19', 4);
  await seedReaders(base, 3);
  const { batchIds } = await planAndCompose(base, '2026-03-20T07:00:00Z');
  const [batchId] = batchIds as [number];
  const transport = scriptedTransport([lost]);
  await attempt({ ...base, transport }, { batchId });
  const claims = { purpose: 'digest', subscriberId: 1, keyId: 'a1', localDate: '2026-03-20' } as const;
  const viewed = await viewDigest(base, claims as never);

  await writeAsBefore(base);
  await hurry(base);
  const another = { ...base, transport, fragments: openFragmentStore(base.db) };
  await attempt(another, { batchId });
  const { submissions } = transport;
  expect(submissions).toHaveLength(2);
  expect(submissions[1]!.body.equals(submissions[0]!.body)).toBe(true);
  expect(submissions[1]!.key).toBe(submissions[0]!.key);
  expect(await readBatch(base, batchId)).toMatchObject({ state: 'accepted' });
  expect(await viewDigest(another, claims as never)).toEqual(viewed);
});

test('every old array gives the bytes that its composition is packed as now', async () => {
  const id = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }));
  const compositions = fc.sample(
    fc.record({
      subject: id,
      dayline: id,
      slot: id,
      isTextOnly: fc.boolean(),
      topics: fc.array(id, { maxLength: 10 }),
      cards: fc.array(fc.record({ card: id, why: id }), { maxLength: 30 }),
    }),
    200,
  );
  const arrays = compositions.map((composition) => `{${numbersOf(composition).join()}}`);
  const { rows } = await sql<{ packed: Buffer }>`
    select pack_composition(a::int[]) packed from unnest(${arrays}::text[]) with ordinality t(a, n) order by n`.execute(
    base.db,
  );
  expect(rows.map(({ packed }) => packed.toString('hex'))).toEqual(
    compositions.map((composition) => pack(composition).toString('hex')),
  );
});

test.each([['{}'], ['{1,2}'], ['{1,2,3}'], ['{1,2,3,4,5}'], ['{1,2,3,0,5}'], ['{1,2,3,-2}']])(
  'the damaged array %s becomes bytes that nobody unpacks',
  async (array) => {
    const { rows } = await sql<{ packed: Buffer }>`select pack_composition(${array}::int[]) packed`.execute(
      base.db,
    );
    expect(() => unpack(rows[0]!.packed)).toThrow('fits no layout');
  },
);
