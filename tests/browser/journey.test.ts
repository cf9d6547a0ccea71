import { createServer } from 'node:net';
import { once } from 'node:events';
import { sql } from 'kysely';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { attempt, deliverAll, planAndCompose, readDigests } from '../support/steps.ts';
import { chromiumProgram, openBrowser, openPhone } from './chromium.ts';

const address = 'ada@uni.test';

describe.skipIf(!chromiumProgram)('a reader, from the first look to the last', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let phone: BrowserContext;
  let base: string;

  beforeAll(async () => {
    ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { PORT: String(await freePort()) } });
    base = ctx.config.publicUrl;
    web = await listenWeb(ctx);
    browser = await openBrowser();
    phone = await openPhone(browser);
    await seedPapers('2026-03-18');
    await seedPapers('2026-03-19');
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  test('subscribes, confirms, reads, chooses, likes, mutes, leaves, and gets exactly what each page said', async () => {
    const page = await phone.newPage();
    await subscribe(page);
    await deliverNotices();
    await confirm(page);
    await deliverNotices();
    const first = await readFirstDigest(page);
    expect(first).toHaveLength(3);

    const previewed = await choose(page);
    expect(previewed).toHaveLength(2);
    expect(previewed.filter((title) => first.includes(title))).toEqual([]);

    expect(await editionOf('2026-03-21')).toEqual(previewed);
    await judge(page);
    // Without a topic that they follow, a reader gets what is trending; never what they muted.
    const unmuted = await editionOf('2026-03-22');
    expect(unmuted.length).toBeGreaterThan(0);
    expect(unmuted.filter((title) => title.startsWith('Garden'))).toEqual([]);
    await unmute(page);
    expect((await editionOf('2026-03-23')).length).toBeGreaterThan(0);

    const { rows } = await sql<{
      url: string;
    }>`select headers ->> 'List-Unsubscribe' url from mailbox_messages
      order by place desc limit 1`.execute(ctx.db);
    const left = await fetch(rows[0]!.url.slice(1, -1), {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
      redirect: 'error',
    });
    expect([left.status, left.headers.get('set-cookie')]).toEqual([200, null]);
    await seedPapers('2026-03-23');
    expect(await editionOf('2026-03-24')).toEqual([]);
    expect(await readDigests(ctx, '2026-03-24')).toEqual([]);
  });

  async function subscribe(page: Page): Promise<void> {
    await page.goto(base);
    await page.getByLabel('The papers that matter to you').fill(address);
    await page.getByText('Choose topics and time').click();
    await page.getByLabel('Your own words').fill('kitchen robots');
    await page.getByLabel('Papers a day').fill('3');
    await page.getByRole('button', { name: 'Show what I would get' }).click();
    await page.getByRole('heading', { name: 'What you would get' }).waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'Kitchen robots' }).count()).toBe(3);
    await page.getByRole('button', { name: 'Subscribe' }).first().click();
    await page.getByRole('heading', { name: 'Look in your inbox' }).waitFor();
  }

  async function confirm(page: Page): Promise<void> {
    const mail = await openMail(page, /Confirm your Broadsheet/);
    const opened = phone.waitForEvent('page');
    await mail.getByRole('link', { name: 'Confirm my subscription' }).click();
    const asked = await opened;
    await asked.getByRole('button', { name: 'Start my digest' }).click();
    await asked.getByRole('heading', { name: 'You are subscribed' }).waitFor();
    expect(await asked.getByText('The first papers are on their way').count()).toBe(1);
    await asked.close();
  }

  /** The titles of the welcome's papers. */
  async function readFirstDigest(page: Page): Promise<string[]> {
    const mail = await openMail(page, /Welcome: Kitchen robots/);
    return mail.getByRole('heading', { level: 2 }).allInnerTexts();
  }

  /** Changes what comes, looks at it before saving, and gives the titles of the preview. */
  async function choose(page: Page): Promise<string[]> {
    const mail = await openMail(page, /Welcome: /);
    const opened = phone.waitForEvent('page');
    await mail.getByRole('link', { name: 'Change topics and time' }).click();
    const form = await opened;
    const next = form.getByRole('region', { name: 'Your next digest' });
    const titles = () => next.locator('.title').allInnerTexts();
    const before = await titles();
    await form.getByLabel('Your own words').fill('garden robots');
    await form.getByLabel('Papers a day').fill('2');
    await form.getByRole('button', { name: 'Preview' }).click();
    await form.getByRole('status').getByText('Not saved yet').waitFor();
    const unsaved = await titles();
    expect(unsaved).not.toEqual(before);
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('status').getByText('Saved.').waitFor();
    expect(await titles()).toEqual(unsaved);
    await form.close();
    return unsaved;
  }

  /** Likes the first paper of the newest digest and mutes a topic of the second. */
  async function judge(page: Page): Promise<void> {
    for (const [link, button, heading] of [
      ['More like this', 'More like this', 'More of these will come'],
      ['Less', 'Mute garden robots', 'garden robots is muted'],
    ] as const) {
      const mail = await openMail(page, /^Garden robots|and 1 more/);
      const opened = phone.waitForEvent('page');
      await mail.getByRole('link', { name: link, exact: true }).first().click();
      const taste = await opened;
      await taste.getByRole('button', { name: button }).click();
      await taste.getByRole('heading', { name: heading }).waitFor();
      await taste.close();
    }
  }

  async function unmute(page: Page): Promise<void> {
    const mail = await openMail(page, /and 1 more/);
    const opened = phone.waitForEvent('page');
    await mail.getByRole('link', { name: 'Change topics and time' }).click();
    const form = await opened;
    expect(await form.getByText('take back').count()).toBe(1);
    await form.getByLabel('Never, one topic a line').fill('');
    await form.getByLabel('Your own words').fill('robots');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('status').getByText('Saved.').waitFor();
    await form.close();
  }

  /** Opens the newest mail of that subject in the mailbox. */
  async function openMail(page: Page, subject: RegExp) {
    await page.goto(`${base}/mailbox`);
    await page.getByRole('link', { name: subject }).first().click();
    await page.locator('iframe').first().waitFor();
    return page.frameLocator('iframe').first();
  }

  async function deliverNotices(): Promise<void> {
    const { rows } = await sql<{ id: number }>`select id from notices where state = 'composed'`.execute(
      ctx.db,
    );
    for (const { id } of rows) expect(await attempt(ctx, { noticeId: id })).toBeUndefined();
  }

  /** The titles of the reader's digest of a date, mailed at their hour. */
  async function editionOf(date: string): Promise<string[]> {
    await planAndCompose(ctx, `${date}T07:00:00Z`);
    expect(await deliverAll(ctx)).toEqual([]);
    const { rows } = await sql<{ title: string }>`
      select p.title from digests d cross join unnest(d.paper_ids) with ordinality o(id, place)
      join papers p on p.id = o.id where d.local_date = ${date} order by o.place`.execute(ctx.db);
    return rows.map(({ title }) => title);
  }

  function seedPapers(day: string): Promise<void> {
    const papers = ['Kitchen', 'Garden'].flatMap((place, kind) =>
      [0, 1, 2].map((n) => ({
        title: `${place} robots, study ${n} of ${day}`,
        abstract: `We study ${place.toLowerCase()} robots.`,
        votes: 10 * kind + n,
      })),
    );
    return seedDay(ctx, day, papers);
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
