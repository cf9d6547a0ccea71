import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { balances } from '../../src/domain/ledger.ts';
import { previewDigest } from '../../src/pipeline/preview.ts';
import { readPreferences, savePreferences } from '../../src/pipeline/preferences.ts';
import { viewDigest } from '../../src/pipeline/view.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { readMails } from '../support/mails.ts';
import { seedDay, type SeededReader, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
const usual = { topics: ['robots'], timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
let ctx: TestContext;

beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow(`${edition}T06:00:00Z`);
  await seedDay(ctx, '2026-03-19', 4);
});

function claimsOf({ id: subscriberId }: SeededReader) {
  return { purpose: 'preferences' as const, subscriberId, addressVersion: 1 };
}

async function mailTo(address: string): Promise<{ subject: string; html: string; text: string }> {
  return (await readMails(ctx.db, address))[0]!;
}

test('text alone: the same text as beside the HTML, no HTML, in one batch with others, as previewed', async () => {
  const [plain, set] = await seedReaders(ctx, 2);
  await savePreferences(ctx, claimsOf(plain!), { ...usual, isTextOnly: true });
  expect(await readPreferences(ctx, claimsOf(plain!))).toMatchObject({ isTextOnly: true });
  const preview = await previewDigest(ctx, plain!.id);
  await planAndCompose(ctx, `${edition}T07:00:00Z`);
  expect(await deliverAll(ctx)).toEqual([]);

  const [one, other] = [await mailTo(plain!.address), await mailTo(set!.address)];
  expect(one.html).toBe('');
  expect(other.html).toContain('</html>');
  // All but the reader's own links.
  const withoutLinks = (text: string) => text.replaceAll(/https?:\S+/g, '');
  expect(withoutLinks(one.text)).toBe(withoutLinks(other.text));
  expect(preview).toMatchObject({ subject: one.subject, html: '', text: one.text });
  const viewed = await viewDigest(ctx, { ...claimsOf(plain!), purpose: 'digest', localDate: edition });
  expect(viewed).toMatchObject({ html: '', subject: one.subject });
  expect(viewed!.text).toContain('/unsubscribe/in-your-mail');
});

test('a day without papers is silent, or brings a note to those who asked for one; the ledger counts both', async () => {
  const [silent, told] = await seedReaders(ctx, 2, { topics: ['gardens'] });
  await savePreferences(ctx, claimsOf(told!), { ...usual, topics: ['gardens'], emptyDays: 'note' });
  const preview = await previewDigest(ctx, told!.id);
  expect(preview).toMatchObject({ subject: 'No new papers for you today', papers: [] });
  expect(await previewDigest(ctx, silent!.id)).toMatchObject({ skipped: 'nothing_new' });
  await planAndCompose(ctx, `${edition}T07:00:00Z`);
  expect(await deliverAll(ctx)).toEqual([]);
  const ledger = await readLedger(ctx.db, edition);
  expect(ledger).toMatchObject({ audience: 2, accepted: 1, skipped: { nothing_new: 1 } });
  expect(balances(ledger)).toBe(true);
  const { subject, html, text } = await mailTo(told!.address);
  expect(subject).toBe('No new papers for you today');
  expect(html).toContain('nothing new for you among 4 papers');
  expect(text.replaceAll('\n', ' ')).toContain(
    'Of the papers known today, none that you have not had matches what you follow.',
  );
  expect(preview).toMatchObject({ html, text });

  // A note is no paper: when one comes, it is brought.
  await seedDay(ctx, '2026-03-20', [{ title: 'Gardens at last', abstract: 'Gardens.' }]);
  await planAndCompose(ctx, '2026-03-21T07:00:00Z');
  const digests = await readDigests(ctx, '2026-03-21');
  expect(digests.map(({ papers }) => papers.length)).toEqual([1, 1]);
});

test('one day a week brings the best of the week, each paper once', async () => {
  const friday = 0b0010000;
  for (const [n, day] of ['2026-03-16', '2026-03-17', '2026-03-18'].entries())
    await seedDay(ctx, day, [{ title: `Robots of ${day}`, votes: 50 - 10 * n }, { votes: 1 }]);
  const [weekly] = await seedReaders(ctx, 1, { weekdays: friday, maxPapers: 3 });
  await planAndCompose(ctx, `${edition}T07:00:00Z`);
  const [digest] = await readDigests(ctx, edition);
  expect(digest!.subscriberId).toBe(weekly!.id);
  const { rows } = await ctx.pool.query<{ title: string }>(
    `select title from papers where key = any($1) order by votes desc`,
    [digest!.papers],
  );
  expect(rows.map(({ title }) => title)).toEqual([
    'Robots of 2026-03-16',
    'Robots of 2026-03-17',
    'Robots of 2026-03-18',
  ]);
  await planAndCompose(ctx, '2026-03-27T07:00:00Z');
  const [next] = await readDigests(ctx, '2026-03-27');
  expect(next!.papers.filter((key) => digest!.papers.includes(key))).toEqual([]);
});
