import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { tokenFor } from '../web/site.ts';
import { chromiumProgram, openBrowser } from './chromium.ts';
import { freePort } from './free-port.ts';

const widths = [360, 1280];
// Axe waits by timers, which a browser without script does not have.
const schemes = ['light', 'dark'] as const;

describe.skipIf(!chromiumProgram)('axe finds nothing to mend', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let axe: string;
  let paths: string[];

  beforeAll(async () => {
    ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { PORT: String(await freePort()) } });
    web = await listenWeb(ctx);
    browser = await openBrowser();
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await syncCuratedTopics(ctx.db);
    await seedDay(ctx, '2026-03-18', 70);
    const [reader] = await seedReaders(ctx, 1, { topics: ['robotics', 'robots that learn'] });
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(ctx);
    const { id } = reader!;
    await ctx.db.insertInto('tastes').values({ subscriber_id: id, paper_id: 1, says: 'more' }).execute();
    const key = keyOf('2026-03-18', 3);
    const today = new Date().toISOString().slice(0, 10);
    paths = [
      '/',
      '/papers/week/2026-W12',
      '/papers/month/2026-03?page=2',
      '/papers/trending',
      '/search?q=robots',
      `/paper/${key}`,
      '/subscribe?topics=robotics',
      '/privacy',
      '/nowhere',
      `/preferences/${tokenFor(ctx, 'preferences', id)}`,
      `/unsubscribe/${tokenFor(ctx, 'unsubscribe', id)}`,
      `/taste/${tokenFor(ctx, 'taste', id, '2026-03-20')}?paper=${key}&say=less`,
      `/account/${tokenFor(ctx, 'account', id, today)}`,
      `/confirm/${tokenFor(ctx, 'confirm', id, today)}`,
      '/confirm/x',
    ];
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  test.each(schemes)(
    'on any page, from a phone to a wide screen, in %s',
    async (colorScheme) => {
      for (const width of widths) {
        const context = await browser.newContext({
          viewport: { width, height: 900 },
          colorScheme,
        });
        const page = await context.newPage();
        for (const path of paths) {
          await page.goto(ctx.config.publicUrl + path);
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          expect([path, width, await violations(page)]).toEqual([path, width, []]);
          expect([path, width, await wider(page)]).toEqual([path, width, 0]);
        }
        await context.close();
      }
    },
    120_000,
  );

  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    return page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')))`);
  }
});

/** By how many pixels the page is wider than the screen. */
function wider(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
