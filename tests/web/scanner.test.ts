import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPicture } from '../../src/db/pictures.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { dumpDatabase } from '../support/dump.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, deliverAll, planAndCompose } from '../support/steps.ts';
import { elements, openSite, type Site, tokenFor } from './site.ts';
import { readMails } from '../support/mails.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  site = openSite(ctx);
  await seedDay(ctx, '2026-03-18', 4);
  await givePictures();
  const [reader] = await seedReaders(ctx, 1);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);

  // One of every notice: confirmation, welcome with papers, link, data, move.
  await site.post('/subscribe', { email: 'ada@uni.test', phrases: 'robots' });
  await mailAll();
  const confirm = pathsIn(await lastMail('ada@uni.test')).find((path) => path.startsWith('/confirm/'))!;
  await site.post('/subscribe', { email: 'waiting@uni.test' });
  await site.post(confirm);
  await site.post('/subscribe', { email: reader!.address });
  await site.post(`/preferences/${tokenFor(ctx, 'preferences', reader!.id)}`, { do: 'account' });
  await mailAll();
  const account = pathsIn(await lastMail(reader!.address)).find((path) => path.startsWith('/account/'))!;
  await site.post(account, { do: 'move', email: 'elsewhere@uni.test' });
  await mailAll();
});
afterAll(() => ctx.close());

async function mailAll(): Promise<void> {
  const { rows } = await sql<{ id: number }>`select id from notices where state = 'composed'`.execute(ctx.db);
  for (const { id } of rows) expect(await attempt(ctx, { noticeId: id })).toBeUndefined();
}

async function lastMail(to: string): Promise<string> {
  return (await readMails(ctx.db, to))[0]!.html;
}

/** Every paper of the day has one, so that the first of each digest shows it. */
async function givePictures(): Promise<void> {
  const address = 'https://cdn-thumbnails.huggingface.co/x.png';
  const size = { bytes: Buffer.from('picture'), width: 640, height: 320 };
  const { rows } = await sql<{
    paperId: number;
  }>`update papers set thumbnail_url = ${address} returning id "paperId"`.execute(ctx.db);
  for (const { paperId } of rows)
    await keepPicture(ctx.db, { paperId, address }, { wide: size, small: size });
}

/** What a mail has of ours, links and pictures, as a scanner finds them. */
function pathsIn(html: string): string[] {
  const hrefs = [...elements(html, 'a'), ...elements(html, 'img')].map(
    (one) => one['href'] ?? one['src'] ?? '',
  );
  const ours = hrefs.filter((href) => href.startsWith(ctx.config.publicUrl));
  return [...new Set(ours)].map((href) => href.slice(ctx.config.publicUrl.length));
}

test('a scanner that opens every link of every mail, again and again, changes nothing at all', async () => {
  const mails = await readMails(ctx.db);
  expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
    'Confirm your Broadsheet subscription',
    'Confirm your Broadsheet subscription',
    'Confirm your new address for Broadsheet',
    'Robots that learn, part 3 of 2026-03-18, and 2 more',
    'Welcome: Robots that learn, part 3 of 2026-03-18, and 3 more',
    'Your Broadsheet data',
    'Your Broadsheet link',
  ]);
  // What the first look at a page makes once for all (no row of a reader's) is made before the count.
  const visit = async () => {
    for (const { html, headers, subject } of mails) {
      const paths = [...pathsIn(html), new URL(/<(.*)>/.exec(headers['List-Unsubscribe']!)![1]!).pathname];
      const isDigest = /^(Robots|Welcome)/.test(subject);
      expect(new Set(paths).size).toBeGreaterThanOrEqual(isDigest ? 8 : 1);
      expect(paths.some((path) => path.startsWith('/pictures/'))).toBe(isDigest);
      for (const path of new Set(paths)) await look(path, subject);
    }
  };
  const before = await dumpDatabase(ctx);
  await visit();
  expect(await dumpDatabase(ctx)).toEqual(before);
});

async function look(path: string, subject: string): Promise<void> {
  for (const method of ['GET', 'HEAD']) {
    for (const cookie of ['', 'session=scanner; seen=1']) {
      const headers = { ...(cookie && { cookie }), 'user-agent': 'Mozilla/5.0 (compatible)' };
      const { status, headers: answered } = await site.request(path, { method, headers });
      expect([subject, method, path, status]).toEqual([subject, method, path, 200]);
      expect(answered.get('set-cookie')).toBeNull();
      const policy = path.startsWith('/pictures/') ? 'same-origin' : 'no-referrer';
      expect(answered.get('referrer-policy')).toBe(policy);
    }
  }
}
