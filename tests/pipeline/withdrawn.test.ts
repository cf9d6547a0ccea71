import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withdrawPapers } from '../../src/db/papers.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { lost, scriptedTransport } from '../support/scripted-transport.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
});

async function composed(script: Parameters<typeof scriptedTransport>[0] = []) {
  // Ada follows robots and gets three papers; Kenji follows whales, of which there is one.
  await seedDay(base, '2026-03-19', [
    { votes: 9 },
    { votes: 5 },
    { votes: 2 },
    { title: 'Whales that sing', abstract: 'Whales sing in the sea.' },
  ]);
  await seedReaders(base, 1, { name: 'ada' });
  await seedReaders(base, 1, { name: 'kenji', topics: ['whales'] });
  const { batchIds } = await planAndCompose(base, '2026-03-20T07:00:00Z');
  return { ...base, transport: scriptedTransport(script), batchId: batchIds[0]! };
}

const withdraw = (...places: number[]) =>
  withdrawPapers(
    base.db,
    places.map((place) => keyOf('2026-03-19', place)),
    new Date('2026-03-20T06:30:00Z'),
  );
const digests = () =>
  base.db.selectFrom('digests').select(['subscriber_id', 'paper_ids']).orderBy('subscriber_id').execute();
type Mail = { subject: string; text: string; html: string };

test('a paper withdrawn after composing is in no digest that goes out', async () => {
  const scene = await composed();
  const [before] = await digests();
  expect(before!.paper_ids).toHaveLength(3);
  await withdraw(0);
  await deliver(scene, scene);
  const [ada] = JSON.parse(scene.transport.submissions[0]!.body.toString()) as Mail[];
  const gone = 'Robots that learn, part 0';
  for (const part of [ada!.subject, ada!.text, ada!.html]) expect(part).not.toContain(gone);
  expect(ada!.subject).toContain('part 1');
  expect(ada!.text).toContain('part 2');
  expect(ada!.text).toMatch(/2 papers for you/);
  expect((await digests())[0]!.paper_ids).toHaveLength(2);
});

test('a digest that has no other paper is skipped, and the ledger still adds up', async () => {
  const scene = await composed();
  await withdraw(3);
  await deliver(scene, scene);
  expect(scene.transport.submissions[0]!.to).toEqual(['ada1@uni.test']);
  expect(await readLedger(base.db, '2026-03-20')).toMatchObject({
    audience: 2,
    accepted: 1,
    pending: 0,
    skipped: { nothing_new: 1 },
  });
});

test('a batch without any paper left is empty', async () => {
  const scene = await composed();
  await withdraw(0, 1, 2, 3);
  await deliver(scene, scene);
  expect(scene.transport.submissions).toEqual([]);
  expect(await readLedger(base.db, '2026-03-20')).toMatchObject({ pending: 0, skipped: { nothing_new: 2 } });
});

test('bytes that may be under way already are not touched', async () => {
  const scene = await composed([lost]);
  await attempt(scene, scene);
  await withdraw(0);
  await hurry(scene);
  await attempt(scene, scene);
  const bodies = scene.transport.submissions.map(({ body }) => body.toString());
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toBe(bodies[0]);
});
