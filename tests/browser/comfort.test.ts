import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { tokenFor } from '../web/site.ts';
import { chromiumProgram, openBrowser } from './chromium.ts';
import { freePort } from './free-port.ts';

describe.skipIf(!chromiumProgram)('with script, a page adds comfort', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let page: Page;
  let readerId: number;
  const faults: string[] = [];

  beforeAll(async () => {
    ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { PORT: String(await freePort()) } });
    web = await listenWeb(ctx);
    browser = await openBrowser();
    const context = await browser.newContext({ timezoneId: 'Asia/Tokyo' });
    page = await context.newPage();
    // What the content policy refuses, Chromium says as an error.
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await syncCuratedTopics(ctx.db);
    await seedDay(ctx, '2026-03-18', [{}, { title: 'Gardens grow', abstract: 'Gardens.' }]);
    const [reader] = await seedReaders(ctx, 1);
    readerId = reader!.id;
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  test('the form has the browser’s own time zone, and topics are found by typing', async () => {
    await page.goto(`${ctx.config.publicUrl}/subscribe`);
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Asia/Tokyo');
    const boxes = () => page.locator('input[name=topics]:visible').count();
    const all = await boxes();
    await page.getByRole('searchbox', { name: 'Find a topic' }).fill('robot');
    const found = await boxes();
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(all / 2);
    expect(await page.getByLabel('Robotics').isVisible()).toBe(true);
    await page.getByRole('searchbox', { name: 'Find a topic' }).fill('');
    expect(await boxes()).toBe(all);
    expect(faults).toEqual([]);
  });

  test('the next digest is shown anew while choices change, and nothing is saved', async () => {
    await page.goto(`${ctx.config.publicUrl}/preferences/${tokenFor(ctx, 'preferences', readerId)}`);
    const next = page.getByRole('region', { name: 'Your next digest' });
    await next.getByText('Robots that learn').first().waitFor();
    await page.getByLabel('Your own words').fill('gardens');
    await next.getByText('Gardens grow').first().waitFor();
    expect(await next.getByText('not saved yet').count()).toBe(1);
    expect(await next.getByText('Robots that learn').count()).toBe(0);
    await page.reload();
    await next.getByText('Robots that learn').first().waitFor();
    expect(faults).toEqual([]);
  });
});
