import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findByAddress } from '../../src/db/subscribers.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { htmlBytesMax } from '../../src/render/mail.ts';
import { readPreferences } from '../../src/pipeline/preferences.ts';
import { previewDigest } from '../../src/pipeline/preview.ts';
import { confirm, subscribe, unsubscribe } from '../../src/pipeline/subscription.ts';
import { viewDigest } from '../../src/pipeline/view.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { readMails } from '../support/mails.ts';
import { keyOf, seedDay } from '../support/seed.ts';
import { attempt, deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext()));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
});

const request = {
  topics: ['robots'],
  timeZone: 'UTC',
  sendHour: 7,
  weekdays: everyDay,
  maxPapers: 3,
  address: 'ada@uni.test',
  consent: 'form',
};

/** Subscribes and confirms; gives the reader's id. */
async function join(): Promise<number> {
  await subscribe(ctx, request);
  const { id } = (await findByAddress(ctx.db, request.address))!;
  await confirm(ctx, { purpose: 'confirm', subscriberId: id, addressVersion: 1 });
  return id;
}

/** The newest welcome, delivered; its mail as the mailbox has it, and its papers by key. */
async function welcome() {
  const { rows } = await sql<{ id: number; keys: string[]; localDate: string | null }>`
    select id, local_date "localDate", array(select p.key from unnest(paper_ids) with ordinality o(id, place)
      join papers p on p.id = o.id order by o.place) keys
    from notices where kind = 'welcome' order by id desc limit 1`.execute(ctx.db);
  expect(await attempt(ctx, { noticeId: rows[0]!.id })).toBeUndefined();
  return { ...rows[0]!, mail: (await readMails(ctx.db))[0]! };
}

test('the welcome brings the best papers at once, as a digest has them', async () => {
  await seedDay(ctx, '2026-03-19', 5);
  const id = await join();
  const { keys, localDate, mail } = await welcome();
  expect([localDate, keys]).toEqual(['2026-03-20', [4, 3, 2].map((n) => keyOf('2026-03-19', n))]);
  expect(mail.subject).toBe('Welcome: Robots that learn, part 4 of 2026-03-19, and 2 more');
  expect(mail.text).toContain('Welcome · Friday, 20 March · 3 papers for you, chosen from 5');
  expect(mail.html).toContain('More like this');
  expect(mail.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  expect(mail.html.length).toBeLessThan(htmlBytesMax);
  const seen = await viewDigest(ctx, {
    purpose: 'digest',
    subscriberId: id,
    addressVersion: 1,
    localDate: localDate!,
  });
  expect(seen?.html.replaceAll('in-your-mail', '')).toContain('Robots that learn, part 4');
  expect(seen?.subject).toBe(mail.subject);
});

test('it takes the place of that date’s digest, and no paper of it comes again', async () => {
  await seedDay(ctx, '2026-03-19', 5);
  const id = await join();
  const { keys } = await welcome();
  const token = { purpose: 'preferences' as const, subscriberId: id, addressVersion: 1 };
  expect(await readPreferences(ctx, token)).toMatchObject({ nextLocalDate: '2026-03-21' });
  const preview = await previewDigest(ctx, id);

  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await planAndCompose(ctx, '2026-03-21T07:00:00Z');
  await deliverAll(ctx);
  expect(await readDigests(ctx, '2026-03-20')).toEqual([]);
  const [digest] = await readDigests(ctx, '2026-03-21');
  expect(digest!.papers).toEqual([1, 0].map((n) => keyOf('2026-03-19', n)));
  expect(digest!.papers.filter((key) => keys.includes(key))).toEqual([]);
  expect(preview).toMatchObject({ localDate: '2026-03-21', papers: digest!.papers.map((key) => ({ key })) });
  expect(await readLedger(ctx.db, '2026-03-21')).toMatchObject({ audience: 1, accepted: 1 });
});

test('the next digest keeps twelve hours’ distance: confirmed late in the evening, it skips a morning', async () => {
  await seedDay(ctx, '2026-03-19', 5);
  ctx.setNow('2026-03-20T22:00:00Z');
  const id = await join();
  const token = { purpose: 'preferences' as const, subscriberId: id, addressVersion: 1 };
  expect(await readPreferences(ctx, token)).toMatchObject({ nextLocalDate: '2026-03-22' });
});

test('without papers the welcome says when the first digest comes, and the date is not used up', async () => {
  const id = await join();
  const { localDate, mail } = await welcome();
  expect([localDate, mail.subject]).toEqual([null, 'Welcome to Broadsheet']);
  const token = { purpose: 'preferences' as const, subscriberId: id, addressVersion: 1 };
  expect(await readPreferences(ctx, token)).toMatchObject({ nextLocalDate: '2026-03-20' });
});

test('who leaves and comes back on one day gets no second digest of that date', async () => {
  await seedDay(ctx, '2026-03-19', 5);
  const id = await join();
  await unsubscribe(ctx, id);
  await join();
  const { localDate, mail } = await welcome();
  expect([localDate, mail.subject]).toEqual([null, 'Welcome to Broadsheet']);
});

test('papers of a welcome that was never taken may come again', async () => {
  await seedDay(ctx, '2026-03-19', 2);
  const id = await join();
  await sql`update notices set state = 'failed' where kind = 'welcome'`.execute(ctx.db);
  const preview = await previewDigest(ctx, id);
  expect(preview).toMatchObject({
    papers: [{ key: keyOf('2026-03-19', 1) }, { key: keyOf('2026-03-19', 0) }],
  });
});
