import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdEdition } from '../../src/db/held-editions.ts';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { chromiumProgram, openBrowser, openPhone } from './chromium.ts';

const password = 'only for tests';
const tenSecondsMs = 10_000;

describe.skipIf(!chromiumProgram)('an operator, in a browser', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let base: string;
  let readerId: number;

  beforeAll(async () => {
    ctx = await openTestContext({
      now: '2026-03-17T06:00:00Z',
      env: { PORT: String(await freePort()), MAIL_RATE_PER_SECOND: '1000' },
    });
    base = ctx.config.publicUrl;
    web = await listenWeb(ctx);
    browser = await openBrowser();
    await syncCuratedTopics(ctx.db);
    const [reader] = await seedReaders(ctx, 5);
    await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'] });
    readerId = reader!.id;
    for (const day of [17, 18, 19]) {
      await seedDay(ctx, `2026-03-${day - 1}`, 5);
      await planAndCompose(ctx, `2026-03-${day}T07:00:00Z`);
      await deliverAll(ctx);
    }
    await sql`update digests set delivered_at = now() where position > 0`.execute(ctx.db);
    await sql`update digests set bounced_at = now(), bounce_class = 'hard', bounce_detail = '550 5.1.1 no such user'
      where position = 0 and local_date = '2026-03-17'`.execute(ctx.db);
    await sql`update installation set scheduler_ticked_at = now()`.execute(ctx.db);
    await seedDay(ctx, '2026-03-19', 5);
    ctx.setNow('2026-03-20T06:00:00Z');
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  async function enter(page: Page): Promise<void> {
    await page.goto(`${base}/operators`);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('navigation', { name: 'Operators' }).waitFor();
  }

  test('the morning look: one sentence says that nothing needs a hand, on a phone and without script', async () => {
    const phone = await openPhone(browser);
    const page = await phone.newPage();
    await enter(page);
    const sentence = page.locator('.sentence').first();
    expect(await sentence.textContent()).toBe(
      'Thursday’s edition: 5 of 5 accepted, 4 delivered, 0 bounced, 1 skipped. Nothing needs you.',
    );
    const box = (await sentence.boundingBox())!;
    expect(box.y + box.height).toBeLessThan(844);
    await phone.close();
  });

  test('“why did I not get Tuesday’s mail?” is answered within ten seconds', async () => {
    const phone = await openPhone(browser);
    const page = await phone.newPage();
    await enter(page);
    const askedMs = performance.now();
    await page.getByRole('link', { name: 'Subscribers' }).click();
    await page.getByLabel('Address, or number').fill('Reader1@uni.test');
    await page.getByRole('button', { name: 'Find' }).click();
    const tuesday = page.getByRole('row', { name: /^Tue 2026-03-17/ });
    expect(await tuesday.textContent()).toContain(
      'bouncedHard: the address is no more. It said: 550 5.1.1 no such user',
    );
    await tuesday.getByRole('link', { name: 'as mailed on 2026-03-17' }).waitFor();
    expect(performance.now() - askedMs).toBeLessThan(tenSecondsMs);
    await phone.close();
  });

  test('the ledger fills under the operator’s eyes, and a held edition is released by one press', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await enter(page);
    const faults: string[] = [];
    page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await deliverAll(ctx);
    await page.getByText('Friday’s edition: 5 of 5 accepted').waitFor();
    await holdEdition(
      ctx.db,
      '2026-03-21',
      'The audience moved by more than half: 6, after 2,000 on Friday.',
    );
    await page.getByRole('button', { name: 'Release Saturday’s edition' }).click();
    await page.getByRole('heading', { name: 'Saturday, 21 March' }).waitFor();
    expect(faults).toEqual([]);
    await page.goto(`${base}/operators`);
    expect(await page.getByRole('button', { name: /Release/ }).count()).toBe(0);
    await context.close();
  });

  test.each(['light', 'dark'] as const)(
    'axe finds nothing to mend on any page of theirs, in %s',
    async (colorScheme) => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      const reader = `/operators/subscribers/${readerId}`;
      const paths = [
        '/operators',
        '/operators/plots',
        '/operators/editions',
        '/operators/editions/2026-03-19',
        '/operators/dry-run',
        '/operators/subscribers',
        reader,
        `${reader}/mail/2026-03-19`,
        '/operators/papers',
        '/operators/papers/2026-03-19',
        '/operators/topics',
        '/operators/topics/1',
        '/operators/webhooks',
        '/operators/suppressions',
        '/operators/log',
      ];
      for (const width of [360, 1280]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const page = await context.newPage();
        await enter(page);
        for (const path of paths) {
          await page.goto(base + path);
          await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
          expect([path, width, await violations(page, axe)]).toEqual([path, width, []]);
          const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
          expect([path, width, await page.evaluate(wider)]).toEqual([path, width, 0]);
        }
        await context.close();
      }
    },
    240_000,
  );
});

/** What axe has to say of a page; mails in frames are looked at elsewhere. */
async function violations(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(`axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' | ')))`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
