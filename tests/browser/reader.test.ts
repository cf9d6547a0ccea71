import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { tokenFor } from '../web/site.ts';
import { chromiumProgram, openBrowser, openPhone } from './chromium.ts';
import { freePort } from './free-port.ts';

describe.skipIf(!chromiumProgram)('in a browser, on a phone, without script', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let phone: BrowserContext;
  let base: string;
  let readerId: number;

  beforeAll(async () => {
    ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { PORT: String(await freePort()) } });
    base = ctx.config.publicUrl;
    await syncCuratedTopics(ctx.db);
    web = await listenWeb(ctx);
    browser = await openBrowser();
    phone = await openPhone(browser);
    await seedDay(ctx, '2026-03-18', 6);
    const [reader] = await seedReaders(ctx, 1);
    readerId = reader!.id;
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(ctx);
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  test('a reader opens the digest, changes what comes, leaves, and comes back', async () => {
    const page = await phone.newPage();
    await page.goto(`${base}/mailbox`);
    await page.getByRole('link', { name: /Robots that learn/ }).click();
    const mail = page.frameLocator('iframe').first();
    const opened = phone.waitForEvent('page');
    await mail
      .getByRole('link', { name: /topics/i })
      .first()
      .click();
    const preferences = await opened;

    await preferences.getByRole('heading', { name: 'Your topics and time' }).waitFor();
    await preferences.getByLabel('Reasoning').check();
    await preferences.getByLabel('Your own words').fill('robots\nprotein folding');
    await preferences.getByLabel('Hour').selectOption('09:00');
    await preferences.getByLabel('Time zone').selectOption('Asia/Tokyo');
    await preferences.getByLabel('Sunday').uncheck();
    await preferences.getByLabel('Papers a day').fill('2');
    await preferences.getByRole('button', { name: 'Save' }).click();
    await preferences.getByRole('status').getByText('Saved.').waitFor();
    expect(await preferences.getByText(/Your next digest comes .* at 09:00 in Tokyo/).count()).toBe(1);
    expect(
      await preferences.getByRole('region', { name: 'Your next digest' }).getByRole('listitem').count(),
    ).toBe(2);
    expect(await wider(preferences)).toBe(0);

    await preferences.getByRole('link', { name: 'Unsubscribe' }).click();
    await preferences.getByRole('button', { name: 'Unsubscribe' }).click();
    await preferences.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
    expect(await statusOf()).toBe('unsubscribed');

    await preferences.getByRole('button', { name: 'Start again' }).click();
    await preferences.getByRole('heading', { name: 'Welcome back' }).waitFor();
    expect(await statusOf()).toBe('active');
  });

  test('a newcomer subscribes on the front page, by keyboard alone', async () => {
    const page = await phone.newPage();
    await page.goto(base);
    await page.getByLabel('The papers that matter to you').focus();
    await page.keyboard.type('ada@uni.test');
    await page.keyboard.press('Tab');
    expect(await page.locator('button:focus-visible').innerText()).toBe('Subscribe');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look in your inbox' }).waitFor();
    expect(await page.getByText('ada@uni.test').count()).toBe(1);
  });

  test('no page is wider than the phone, in light or dark, and all text has enough contrast', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const context = await openPhone(browser, scheme);
      const page = await context.newPage();
      const preferences = `/preferences/${tokenFor(ctx, 'preferences', readerId)}`;
      for (const path of [
        '/',
        '/papers/2026-03-18',
        '/privacy',
        preferences,
        '/preferences/x',
        '/operators',
      ]) {
        await page.goto(base + path);
        expect([path, await wider(page)]).toEqual([path, 0]);
        expect([path, await faintTexts(page)]).toEqual([path, []]);
      }
      await context.close();
    }
  });

  async function statusOf(): Promise<string> {
    const row = await ctx.db
      .selectFrom('subscribers')
      .select('status')
      .where('id', '=', readerId)
      .executeTakeFirstOrThrow();
    return row.status;
  }
});

/** By how many pixels the page is wider than the screen. */
function wider(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Texts with less contrast than 4.5 : 1 (WCAG 2.2, 1.4.3) against the nearest background. Runs in the page. */
function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const color = channels(getComputedStyle(one).backgroundColor);
        if (color.length === 3 || color[3] > 0) return color;
      }
      return [255, 255, 255];
    };
    return [...document.querySelectorAll('body *')]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .filter((element) => element.checkVisibility() && element.tagName !== 'OPTION')
      .map((element) => {
        const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))];
        return [element.textContent.trim().slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
      })
      .filter(([, contrast]) => contrast < 4.5)
      .map(([text, contrast]) => text + ' ' + contrast.toFixed(2));
  })()`);
}
