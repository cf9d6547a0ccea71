/**
 * Draws every page and mail that a reader sees, from the sample edition, into docs/screenshots.
 *
 *   npx tsx bench/screenshots.ts
 *
 * It needs Debian's Chromium, works on an embedded Postgres in a folder of its own, and removes that. The sample edition has
 * no pictures: plain drawings of this file stand in for them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { keepPicture } from '../src/db/pictures.ts';
import { listOpenRanges } from '../src/db/ranges.ts';
import { syncCuratedTopics } from '../src/db/topics.ts';
import { signToken, type Purpose } from '../src/domain/tokens.ts';
import { compose } from '../src/pipeline/compose.ts';
import { deliver } from '../src/pipeline/deliver.ts';
import { ingest } from '../src/pipeline/ingest.ts';
import { plan } from '../src/pipeline/plan.ts';
import { escapeHtml } from '../src/render/freeze.ts';
import { resizePicture } from '../src/sources/picture-sizes.ts';
import { listenWeb } from '../src/web/listen.ts';

const folder = new URL('../docs/screenshots/', import.meta.url);
const port = 38_917;
const address = 'ada@university.example';
const dataDir = await mkdtemp(join(tmpdir(), 'broadsheet-screenshots-'));
let clock = new Date('2026-07-17T06:30:00Z');
const ctx = await openContext(
  loadConfig({
    BROADSHEET_DATA_DIR: dataDir,
    PORT: String(port),
    MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
    LOG_LEVEL: 'silent',
  }),
  { now: () => clock, delivers: true, migrates: true },
);
const web = await listenWeb(ctx);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

const sizes = {
  desktop: { width: 1120, height: 1400 },
  /** A page that says one thing. */
  short: { width: 1120, height: 560 },
  phone: { width: 390, height: 844 },
} as const;
interface Look {
  size?: keyof typeof sizes;
  scheme?: 'light' | 'dark';
  /** The whole page, however long. */
  whole?: boolean;
  /** What is done before the picture is taken. */
  first?: (page: Page) => Promise<unknown>;
}

try {
  await fill();
  await drawPages();
  await drawMails();
} finally {
  await browser.close();
  await web.close();
  await ctx.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function fill(): Promise<void> {
  await syncCuratedTopics(ctx.db);
  for (const day of ['2026-07-14', '2026-07-15', '2026-07-16']) await ingest(ctx, { source: 'sample', day });
  const { rows } = await sql<{
    id: number;
    key: string;
  }>`select id, key from papers order by votes desc`.execute(ctx.db);
  for (const [place, { id, key }] of rows.entries()) {
    const picture = `${ctx.config.publicUrl}/${key}`;
    await sql`update papers set thumbnail_url = ${picture} where id = ${id}`.execute(ctx.db);
    const drawn = await resizePicture(await draw(place));
    await keepPicture(ctx.db, { paperId: id, address: picture }, drawn!);
  }
}

/** Overlapping waves in a hue of their own. */
async function draw(place: number): Promise<Buffer> {
  const hue = (place * 47) % 360;
  const wave = (n: number) => {
    const y = 330 + 60 * n;
    const bend = 120 + ((place * 53 + n * 71) % 160);
    return `<path d="M0 ${y} C 300 ${y - bend}, 600 ${y + bend}, 1200 ${y - bend / 2} V 648 H 0 Z" fill="hsl(${hue + 18 * n} 45% ${68 - 9 * n}%)"/>`;
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="648"><rect width="1200" height="648" fill="hsl(${hue} 50% 88%)"/>${[0, 1, 2, 3, 4].map(wave).join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function drawPages(): Promise<void> {
  await shot('front', '/');
  await shot('front-phone-dark', '/', { size: 'phone', scheme: 'dark' });
  await shot('week', '/papers/week');
  await shot('trending-dark', '/papers/trending', { scheme: 'dark' });
  await shot('search', '/search?q=video+generation+after:2026');
  await shot('paper', `/paper/${await firstKey()}`, { whole: true });
  await shot('subscribe', '/subscribe', { whole: true });
  await shot('subscribe-preview', '/subscribe?topics=robotics&phrases=video+generation&authors=', {
    whole: true,
    first: (page) => page.getByRole('button', { name: 'Show what I would get' }).click(),
  });
  await shot('subscribed', '/subscribe?topics=robotics&topics=video-generation&phrases=video+generation', {
    first: async (page) => {
      await page.locator('#email').fill(address);
      await page.locator('#time_zone').selectOption('Europe/Paris');
      await page.getByRole('button', { name: 'Subscribe' }).first().click();
    },
  });
  await mailAll();
  await shot('confirm', await pathIn('Confirm your', '/confirm/'), { size: 'short' });
  await shot('started', await pathIn('Confirm your', '/confirm/'), {
    size: 'short',
    first: (page) => page.getByRole('button', { name: 'Start my digest' }).click(),
  });
  await mailAll();
  clock = new Date('2026-07-18T06:30:00Z');
  await ingest(ctx, { source: 'sample', day: '2026-07-17' });
  const preferences = path('preferences');
  await shot('preferences', preferences, { whole: true });
  await shot('preferences-phone-dark', preferences, { size: 'phone', scheme: 'dark' });
  await shot('less-phone', await pathIn('Welcome: ', '/taste/', 'say=less'), { size: 'phone' });
  await shot('noted-phone', await pathIn('Welcome: ', '/taste/', 'say=more'), {
    size: 'phone',
    first: (page) => page.getByRole('button', { name: 'More like this' }).click(),
  });
  await shot('account-asked', preferences, {
    size: 'short',
    first: (page) => page.getByRole('button', { name: 'Mail me that link' }).click(),
  });
  await mailAll();
  const account = await pathIn('Your Broadsheet data', '/account/');
  await shot('account', account);
  await shot('erase', account, {
    size: 'short',
    first: (page) => page.getByRole('button', { name: /^Erase/ }).click(),
  });
  await shot('move-asked', account, {
    size: 'short',
    first: async (page) => {
      await page.locator('#email').fill('ada@elsewhere.example');
      await page.getByRole('button', { name: 'Ask it' }).click();
    },
  });
  await shot('link-asked', '/preferences/cut-off', {
    first: async (page) => {
      await page.locator('#email').fill(address);
      await page.getByRole('button', { name: 'Send me a link' }).click();
    },
  });
  await shot('stale', '/preferences/cut-off', { size: 'short' });
  await mailAll();
  await shot('move', await pathIn('Confirm your new address', '/move/'), { size: 'short' });
  await shot('unsubscribe', path('unsubscribe'), { size: 'short' });
  await shot('privacy', '/privacy', { whole: true });
  await shot('not-found', '/nothing-here', { size: 'short' });
}

async function drawMails(): Promise<void> {
  clock = new Date('2026-07-18T07:00:00Z');
  await sql`update subscribers set empty_days = 'note'`.execute(ctx.db);
  await edition();
  clock = new Date('2026-07-19T07:00:00Z');
  await sql`delete from follows`.execute(ctx.db);
  await sql`insert into topics (kind, definition, name) values ('phrase', 'quantum gardens', 'quantum gardens')`.execute(
    ctx.db,
  );
  await sql`insert into follows (subscriber_id, topic_id) select s.id, t.id from subscribers s, topics t
    where t.name = 'quantum gardens'`.execute(ctx.db);
  await edition();
  for (const [name, subject, look] of [
    ['confirm-mail', 'Confirm your Broadsheet', {}],
    ['welcome-phone-dark', 'Welcome: ', { size: 'phone', scheme: 'dark' }],
    ['welcome', 'Welcome: ', {}],
    ['link-mail', 'Your Broadsheet link', {}],
    ['data-mail', 'Your Broadsheet data', {}],
    ['move-mail', 'Confirm your new address', {}],
    ['note-mail', 'No new papers', {}],
  ] as const) {
    const size = name.endsWith('mail') ? 'short' : 'desktop';
    await shot(name, `/mailbox/${(await findMail(subject)).id}/html`, { size, ...look });
  }
  const digest = await sql<{ id: string; text: string }>`select id, text from mailbox_messages
    where tags::text like '%d-1-20260718%' order by place desc limit 1`.execute(ctx.db);
  const { id, text } = digest.rows[0]!;
  await shot('digest', `/mailbox/${id}/html`);
  await shot('digest-phone-dark', `/mailbox/${id}/html`, { size: 'phone', scheme: 'dark' });
  const context = await browser.newContext({ viewport: { width: 760, height: 900 } });
  const page = await context.newPage();
  await page.setContent(
    `<meta charset="utf-8"><pre style="font:15px/1.45 monospace;padding:16px">${escapeHtml(text)}</pre>`,
  );
  await save('digest-text', await page.screenshot());
  await context.close();
}

async function edition(): Promise<void> {
  await plan(ctx);
  for (const rangeId of await listOpenRanges(ctx.db, 10)) await compose(ctx, { rangeId });
  const { rows } = await sql<{ id: number }>`select id from batches where state = 'composed'`.execute(ctx.db);
  for (const { id } of rows) await deliver(ctx, { batchId: id });
}

async function mailAll(): Promise<void> {
  await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  const { rows } = await sql<{
    id: number;
  }>`select id from notices where state = 'composed' order by id`.execute(ctx.db);
  for (const { id } of rows) {
    await deliver(ctx, { noticeId: id });
    await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  }
}

async function findMail(subject: string): Promise<{ id: string; html: string }> {
  const { rows } = await sql<{ id: string; html: string }>`
    select id, html from mailbox_messages where subject like ${`${subject}%`} order by place desc limit 1`.execute(
    ctx.db,
  );
  if (!rows[0]) throw new Error(`There is no mail "${subject}…" in the mailbox.`);
  return rows[0];
}

/** The path of a link in the newest mail of that subject. */
async function pathIn(subject: string, start: string, part = ''): Promise<string> {
  const { html } = await findMail(subject);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map((found) => found[1]!.replaceAll('&amp;', '&'));
  const link = links.find((one) => one.includes(start) && one.includes(part));
  if (!link) throw new Error(`The mail "${subject}…" has no link with ${start}.`);
  return link.slice(ctx.config.publicUrl.length);
}

function path(purpose: Purpose & ('preferences' | 'unsubscribe')): string {
  return `/${purpose}/${signToken(ctx.config.keys[0], { purpose, subscriberId: 1, addressVersion: 1 })}`;
}

async function firstKey(): Promise<string> {
  const { rows } = await sql<{ key: string }>`select key from papers order by votes desc limit 1`.execute(
    ctx.db,
  );
  return rows[0]!.key;
}

async function shot(name: string, where: string, look: Look = {}): Promise<void> {
  const { size = 'desktop', scheme = 'light', whole = false, first } = look;
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    timezoneId: 'Europe/Paris',
    deviceScaleFactor: size === 'phone' ? 2 : 1,
  });
  const page = await context.newPage();
  await page.goto(ctx.config.publicUrl + where);
  if (first) {
    await first(page);
    await page.waitForLoadState('networkidle');
  }
  await save(name, await page.screenshot({ fullPage: whole }));
  await context.close();
}

/** In few colours: the pages have few. */
async function save(name: string, png: Buffer): Promise<void> {
  await writeFile(
    new URL(`${name}.png`, folder),
    await sharp(png).png({ palette: true, quality: 85, effort: 8 }).toBuffer(),
  );
  process.stdout.write(`${name}\n`);
}
