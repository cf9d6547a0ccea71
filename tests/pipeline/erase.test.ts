import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { findByAddress } from '../../src/db/subscribers.ts';
import { storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { digestTag } from '../../src/domain/digest.ts';
import { balances } from '../../src/domain/ledger.ts';
import { eraseSubscriber } from '../../src/pipeline/erase.ts';
import { importSubscribers } from '../../src/pipeline/import.ts';
import { showSubscriber } from '../../src/pipeline/subscriber-record.ts';
import { confirm, subscribe } from '../../src/pipeline/subscription.ts';
import { saveTaste } from '../../src/pipeline/taste.ts';
import { track } from '../../src/pipeline/track.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { dumpDatabase } from '../support/dump.ts';
import { openFolder } from '../support/files.ts';
import { acceptAll, scriptedTransport } from '../support/scripted-transport.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, countMailed, deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const address = 'erika.mustermann@uni.test';
const neighbour = 'berta-erika.mustermann@uni.test';
const edition = '2026-03-20';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow(`${edition}T06:00:00Z`);
  await seedDay(ctx, '2026-03-19', 5);
});

/** Whatever in the whole database still names the address, in whatever case. */
async function traces(): Promise<string[]> {
  const lines = await dumpDatabase(ctx);
  return lines
    .map((line) => line.toLowerCase().replaceAll(neighbour, ''))
    .filter((line) => line.includes('erika.mustermann'));
}

/** A reader who left a trace wherever one can be left: form, notices, digest, mailbox, bounce, refusal, taste. */
async function leaveTraces(): Promise<number> {
  const choices = { topics: ['robots'], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
  await subscribe(ctx, { ...choices, address, consent: `form of ${address}` });
  const { id } = (await findByAddress(ctx.db, address))!;
  // Before the day's list is closed, or the welcome would bring the digest.
  ctx.setNow('2026-03-19T08:00:00Z');
  await confirm(ctx, { purpose: 'confirm', subscriberId: id, addressVersion: 1 });
  const token = { purpose: 'taste' as const, subscriberId: id, addressVersion: 1 };
  await saveTaste(ctx, token, keyOf('2026-03-19', 0), 'more');
  const notices = await ctx.db.selectFrom('notices').select('id').execute();
  for (const { id: noticeId } of notices) expect(await attempt(ctx, { noticeId })).toBeUndefined();
  await planAndCompose(ctx, `${edition}T07:00:00Z`);
  expect(await deliverAll(ctx)).toEqual([]);
  await ctx.db
    .updateTable('batches')
    .set({ reason: `refused <${address}>`, refused: `{"0": "no ${address}"}` })
    .execute();

  const bounce = { type: 'Permanent', diagnosticCode: [`smtp; 550 5.1.1 <${address}> unknown`] };
  const tags = { digest: digestTag(id, edition) };
  const events = [
    { type: 'email.bounced', data: { to: [address.toUpperCase()], tags, bounce } },
    { type: 'email.delivered', data: { to: [`Erika <${address}>`], tags } },
    { type: 'email.sent', data: { to: [neighbour], tags: {} } },
  ];
  for (const [n, event] of events.entries()) {
    const body = JSON.stringify({ ...event, created_at: `${edition}T07:0${n}:00Z` });
    await storeWebhookEvent(ctx.db, { svixId: `msg_${n}`, type: event.type, body });
  }
  await track(ctx);
  return id;
}

describe('erasing', () => {
  test('leaves no trace of the address in any table but its keyed hash, and the ledger as it was', async () => {
    await seedReaders(ctx, 1, { name: 'berta-erika.mustermann' });
    await ctx.db.updateTable('subscribers').set({ address: neighbour }).execute();
    const id = await leaveTraces();
    const ledger = await readLedger(ctx.db, edition);
    expect((await traces()).length).toBeGreaterThan(8);
    expect(await countMailed(ctx)).toEqual(
      new Map([
        [address, 3],
        [neighbour, 1],
      ]),
    );

    expect(await eraseSubscriber(ctx, address.toUpperCase())).toBe(true);
    expect(await traces()).toEqual([]);
    expect(await countMailed(ctx)).toEqual(new Map([[neighbour, 1]]));
    expect(await readLedger(ctx.db, edition)).toEqual(ledger);
    expect(
      await ctx.db.selectFrom('suppressions').select(['address_hash', 'reason', 'detail']).execute(),
    ).toEqual([
      { address_hash: addressHash(ctx.config.suppressionKey, address), reason: 'erased', detail: null },
    ]);
    const left = await ctx.db
      .selectFrom('subscribers')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(left).toMatchObject({ address: null, status: 'erased', consent: null, wanted_topics: [] });
    const events = await ctx.db.selectFrom('webhook_events').select('body').orderBy('svix_id').execute();
    expect(events.map(({ body }) => body.includes(neighbour))).toEqual([false, false, true]);
  });

  test('is for good: no import and no form brings the address back, and its record says only that', async () => {
    await leaveTraces();
    await eraseSubscriber(ctx, address);
    const folder = await openFolder();
    const file = await folder.write('readers.csv', `email\n${address}\n`);
    for (const confirmed of [true, false]) {
      expect(await importSubscribers(ctx, file, { confirmed })).toMatchObject({ added: 0, suppressed: 1 });
    }
    await folder.remove();
    const choices = { topics: [], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
    await subscribe(ctx, { ...choices, address, consent: 'form' });
    expect(await traces()).toEqual([]);
    expect(await showSubscriber(ctx, address)).toMatchObject({
      email: address,
      status: 'erased',
      topics: [],
      next_due_at: null,
      timeline: [{ event: 'erased' }],
    });
  });

  test('twice, or of somebody unknown, says so and changes nothing', async () => {
    await leaveTraces();
    await eraseSubscriber(ctx, address);
    const before = await dumpDatabase(ctx);
    expect(await eraseSubscriber(ctx, address)).toBe(false);
    expect(await eraseSubscriber(ctx, 'nobody@uni.test')).toBe(false);
    expect(await eraseSubscriber(ctx, 'no address')).toBe(false);
    expect(await dumpDatabase(ctx)).toEqual(before);
  });

  test('between composing and delivering: they get nothing, the others get theirs, the ledger balances', async () => {
    const readers = await seedReaders(ctx, 3);
    await planAndCompose(ctx, `${edition}T07:00:00Z`);
    expect(await eraseSubscriber(ctx, readers[1]!.address)).toBe(true);
    expect(await deliverAll(ctx)).toEqual([]);
    expect([...(await countMailed(ctx)).keys()].toSorted()).toEqual([
      readers[0]!.address,
      readers[2]!.address,
    ]);
    const ledger = await readLedger(ctx.db, edition);
    expect(ledger).toMatchObject({ audience: 3, accepted: 2, skipped: { unsubscribed: 1 } });
    expect(balances(ledger)).toBe(true);
  });

  test('waits while their mail is being handed over, and then works', async () => {
    const [reader] = await seedReaders(ctx, 1);
    await planAndCompose(ctx, `${edition}T07:00:00Z`);
    let answer: unknown;
    const transport = scriptedTransport([
      async (submission) => {
        answer = await eraseSubscriber(ctx, reader!.address).catch((error: Error) => error.message);
        return acceptAll(submission);
      },
    ]);
    const own = { ...ctx, transport };
    expect(await deliverAll(own)).toEqual([]);
    expect(answer).toBe('A mail to this address is just being handed over; try again in a minute.');
    expect(transport.submissions).toHaveLength(1);
    expect(await eraseSubscriber(ctx, reader!.address)).toBe(true);
  });
});
