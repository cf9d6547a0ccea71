import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { sql } from 'kysely';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertDraft } from '../../src/db/announcements.ts';
import { holdEdition } from '../../src/db/held-editions.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { judgeEditions } from '../../src/pipeline/breakers.ts';
import { readTemplate } from '../../src/render/mjml-template.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, deliverAll, planAndCompose } from '../support/steps.ts';
import { chromiumProgram, openBrowser, openPhone } from './chromium.ts';
import { freePort } from './free-port.ts';

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

  test('a breaker’s pause is seen and ended on the page of the day: one batch first, then the rest', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await enter(page);
    await seedReaders(ctx, 20, { name: 'wave', sendHour: 8 });
    await planAndCompose(ctx, '2026-03-20T08:00:00Z');
    await deliverAll(ctx);
    await seedReaders(ctx, 3, { name: 'late', sendHour: 9 });
    const { batchIds } = await planAndCompose(ctx, '2026-03-20T09:00:00Z');
    await sql`update digests set bounced_at = now(), bounce_class = 'policy' where address like 'wave%'`.execute(
      ctx.db,
    );
    await judgeEditions(ctx);
    await page.getByText('bounced for our standing or the content, 100 %; the limit is 3 %.').waitFor();
    for (const batchId of batchIds) await attempt(ctx, { batchId });
    expect(await countAccepted()).toBe(25);

    await page.getByRole('button', { name: 'Resume Friday’s edition' }).click();
    await page.getByText('its canary has the way').waitFor();
    await page.getByRole('button', { name: 'Let the rest go now' }).click();
    await page.getByRole('row', { name: 'Fri 2026-03-20 flowing · Pause' }).waitFor();
    await deliverAll(ctx);
    expect(await countAccepted()).toBe(28);

    await page.getByRole('button', { name: 'Pause Friday’s edition' }).click();
    await page.getByText('Friday’s edition is paused. An operator paused it.').waitFor();
    await context.close();
  });

  async function countAccepted(): Promise<number> {
    return (await readLedger(ctx.db, '2026-03-20')).accepted;
  }

  // Colours do not depend on the width, nor does the width on the colours.
  test.each([
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 360 },
  ] as const)(
    'axe finds nothing to mend on any page of theirs, in $colorScheme, $width wide',
    async ({ colorScheme, width }) => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      const reader = `/operators/subscribers/${readerId}`;
      const draft = await insertDraft(ctx.db, await readTemplate('announcement'));
      const wrong = await insertDraft(ctx.db, '<mjml><mj-body></mj-body></mjml>');
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
        '/operators/topics/new',
        '/operators/topics/1/edit',
        '/operators/topics/1/end',
        '/operators/announcements',
        '/operators/announcements/new',
        `/operators/announcements/${draft}`,
        `/operators/announcements/${draft}/send`,
        `/operators/announcements/${wrong}`,
        '/operators/webhooks',
        '/operators/suppressions',
        '/operators/log',
      ];
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      await enter(page);
      for (const path of paths) {
        await page.goto(base + path);
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        expect([path, await violations(page, axe)]).toEqual([path, []]);
        const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect([path, await page.evaluate(wider)]).toEqual([path, 0]);
      }
      await context.close();
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
