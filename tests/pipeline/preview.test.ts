import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { digestTokens } from '../../src/press/mailed-digest.ts';
import { eraseSubscriber } from '../../src/pipeline/erase.ts';
import { previewDigest } from '../../src/pipeline/preview.ts';
import { viewDigest } from '../../src/pipeline/view.ts';
import { readDigest } from '../../src/db/digests.ts';
import { checkMail, readMail } from '../../src/render/mail.ts';
import { openFragmentStore } from '../../src/pipeline/fragment-store.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { readMails } from '../support/mails.ts';
import { refused, scriptedTransport } from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
const due = '2026-03-20T07:00:00Z';
/** What may stand in a paper or a topic and must come out as it went in. */
const hostile = 'Robots <b>"that"</b> & \\u0041 learn 流匹配 😀 \u202E $& %%';

let ctx: TestContext;
let readers: SeededReader[];
beforeAll(
  async () =>
    void (ctx = await openTestContext({
      env: { MAIL_RATE_PER_SECOND: '1000', MAIL_REPLY_TO: 'desk@broadsheet.example' },
    })),
);
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-18', 6);
  await seedDay(ctx, '2026-03-19', [
    { title: hostile, abstract: hostile, authors: [hostile], organization: hostile, votes: 90 },
    {
      title: 'Walking',
      abstract: 'Locomotion of robots.',
      votes: 3,
      codeUrl: 'https://github.com/a/b',
      codeStars: 4,
    },
    { title: 'Gardens', abstract: 'They grow.', votes: 1 },
  ]);
  readers = [
    ...(await seedReaders(ctx, 2, { maxPapers: 4 })),
    ...(await seedReaders(ctx, 1, {
      name: 'many',
      topics: ['robots', 'walking', 'gardens', 'locomotion', 'grow', 'learn'],
      maxPapers: 30,
    })),
    ...(await seedReaders(ctx, 1, { name: 'trend', topics: [], maxPapers: 2 })),
    ...(await seedReaders(ctx, 1, { name: 'paris', timeZone: 'Europe/Paris', sendHour: 8 })),
    ...(await seedReaders(ctx, 1, { name: "o'neil+x", maxPapers: 1 })),
  ];
});

async function mailed(address: string) {
  return (await readMails(ctx.db, address)).at(-1)!;
}

async function previews(): Promise<Buffer[]> {
  return Promise.all(
    readers.map(async ({ id }) => {
      const preview = await previewDigest(ctx, id);
      if (!preview || 'skipped' in preview) throw new Error(`Reader ${id} has no preview.`);
      return preview.bytes;
    }),
  );
}

test('the preview before the run is what is mailed, byte for byte', async () => {
  ctx.setNow(due);
  const expected = Buffer.from(`[${(await previews()).join(',')}]`);
  await planAndCompose(ctx, due);
  const transport = scriptedTransport();
  await deliverAll({ ...ctx, transport });
  expect(transport.submissions).toHaveLength(1);
  expect(transport.submissions[0]!.body.equals(expected)).toBe(true);
});

test('a preview made the evening before is the same, as long as nothing new comes in', async () => {
  const before = await previews();
  ctx.setNow(due);
  expect(await previews()).toEqual(before);
});

test('previewing changes nothing that anybody could notice', async () => {
  await previews();
  for (const table of ['digests', 'batches', 'ranges', 'editions', 'notices', 'mailbox_messages'] as const) {
    expect(await ctx.db.selectFrom(table).selectAll().execute()).toEqual([]);
  }
});

test('the mail in the mailbox is the mail of the preview, and has no fault', async () => {
  ctx.setNow(due);
  const before = await previews();
  await planAndCompose(ctx, due);
  expect(await deliverAll(ctx)).toEqual([]);
  for (const [n, bytes] of before.entries()) {
    expect(checkMail(bytes)).toEqual([]);
    const { subject, html, text, headers, tags } = readMail(bytes);
    const message = await mailed(readers[n]!.address);
    expect(message).toMatchObject({
      subject,
      html,
      text,
      headers: { ...headers, 'Reply-To': 'desk@broadsheet.example' },
    });
    expect(message.tags).toEqual(Object.fromEntries(tags.map(({ name, value }) => [name, value])));
  }
});

test('view in browser shows what was mailed, with every link of the reader’s own blanked', async () => {
  await planAndCompose(ctx, due);
  await deliverAll(ctx);
  for (const { id, address } of readers) {
    const view = (await viewDigest(ctx, claimsOf(id)))!;
    const message = await mailed(address);
    const digest = (await readDigest(ctx.db, id, edition))!;
    let { html, text } = message;
    for (const token of Object.values(digestTokens(ctx.config.keys, digest))) {
      expect(html + text).toContain(token);
      expect(view.html + view.text).not.toContain(token);
      html = html.replaceAll(token, 'in-your-mail');
      text = text.replaceAll(token, 'in-your-mail');
    }
    expect(view.subject).toBe(message.subject);
    expect(view.html).toBe(html);
    expect(view.text).toBe(text);
    expect(view.html).not.toContain(address);
  }
});

test('view in browser shows the same after the batch was cut, after a restart and under new settings', async () => {
  await planAndCompose(ctx, due);
  await deliverAll({ ...ctx, transport: scriptedTransport([refused]) });
  const views = () => Promise.all(readers.map(({ id }) => viewDigest(later, claimsOf(id))));
  const before = await Promise.all(readers.map(({ id }) => viewDigest(ctx, claimsOf(id))));
  const settings = {
    ...ctx.config,
    publicUrl: 'https://elsewhere.example',
    mail: { ...ctx.config.mail, from: 'x@y.example' },
  };
  const later = { ...ctx, config: settings, fragments: openFragmentStore(ctx.db) };
  expect(before).not.toContain(undefined);
  expect(await views()).toEqual(before);
});

test('there is nothing to view before it is mailed, for another date or reader, or one who was skipped', async () => {
  const [picky] = await seedReaders(ctx, 1, { name: 'picky', topics: ['volcano eruptions'] });
  await planAndCompose(ctx, due);
  expect(await viewDigest(ctx, claimsOf(readers[0]!.id))).toBeUndefined();
  await deliverAll({ ...ctx, transport: scriptedTransport() });
  expect((await viewDigest(ctx, claimsOf(readers[0]!.id)))?.html).toContain('</html>');
  expect(await viewDigest(ctx, { ...claimsOf(readers[0]!.id), localDate: '2026-03-19' })).toBeUndefined();
  expect(await viewDigest(ctx, claimsOf(9_999_999))).toBeUndefined();
  expect(await viewDigest(ctx, claimsOf(picky!.id))).toBeUndefined();
  const { localDate: _, ...dateless } = claimsOf(readers[0]!.id);
  expect(await viewDigest(ctx, dateless)).toBeUndefined();
});

test('there is nothing to view of a reader who was erased', async () => {
  await planAndCompose(ctx, due);
  await deliverAll({ ...ctx, transport: scriptedTransport() });
  await eraseSubscriber(ctx, readers[0]!.address);
  expect(await viewDigest(ctx, claimsOf(readers[0]!.id))).toBeUndefined();
});

test('a preview tells the papers in order, with what each matched', async () => {
  const preview = await previewDigest(ctx, readers[2]!.id);
  if (!preview || 'skipped' in preview) throw new Error('There is a preview.');
  expect(preview.papers.length).toBeGreaterThan(3);
  for (const { title, topics, score, why } of preview.papers) {
    expect(topics.length).toBeGreaterThan(0);
    expect(score).toBeGreaterThan(0);
    expect(why).toMatch(/^matched .+; \d+ votes?$/);
    expect(preview.text.length).toBeGreaterThan(title.length);
  }
});

test('a preview with nothing new says so, and of nobody there is none', async () => {
  const [picky] = await seedReaders(ctx, 1, { name: 'picky', topics: ['volcano eruptions'] });
  expect(await previewDigest(ctx, picky!.id)).toMatchObject({
    localDate: edition,
    skipped: 'nothing_new',
  });
  expect(await previewDigest(ctx, 9_999_999)).toBeUndefined();
});

function claimsOf(subscriberId: number) {
  return { purpose: 'digest' as const, subscriberId, addressVersion: 1, localDate: edition };
}
