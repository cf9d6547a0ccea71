import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { listenWeb, type WebListener } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry } from '../support/steps.ts';
import { chromiumProgram, openBrowser } from './chromium.ts';
import { freePort } from './free-port.ts';

describe.skipIf(!chromiumProgram)('an operator in a browser', () => {
  let ctx: TestContext;
  let web: WebListener;
  let browser: Browser;
  let axe: string;
  let page: Page;

  beforeAll(async () => {
    const env = { PORT: String(await freePort()), MAIL_RATE_PER_SECOND: '1000' };
    ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env });
    web = await listenWeb(ctx);
    browser = await openBrowser();
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await syncCuratedTopics(ctx.db);
    const titles = ['Reasoning about reasoning traces', 'A chain of thought', 'On sonnets'];
    await seedDay(
      ctx,
      '2026-03-19',
      titles.map((title) => ({ title, abstract: title })),
    );
    await seedReaders(ctx, 2, { topics: ['reasoning'] });
  });
  afterAll(async () => {
    await browser?.close();
    await web?.close();
    await ctx?.close();
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
    await visit('/operators/topics');
    await page.getByLabel('Password').fill('only for tests');
    await page.getByRole('button', { name: 'Enter' }).click();
  });

  const visit = (path: string) => page.goto(ctx.config.publicUrl + path);

  /** What axe finds on the page at hand, and whether it is wider than a phone. */
  async function faults(): Promise<unknown> {
    await page.evaluate(axe);
    const found = await page.evaluate(`axe.run({ iframes: false }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 120)))`);
    const wider = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    return { found, wider };
  }
  const none = { found: [], wider: false };

  test('changes a topic, and sees first what it would match', async () => {
    await page.getByRole('link', { name: 'Reasoning', exact: true }).click();
    await page.getByRole('link', { name: 'Change it' }).click();
    expect(await faults()).toEqual(none);
    await page.getByLabel('Phrases, one a line').fill('sonnets');
    await page.getByRole('button', { name: 'Show what it would match' }).click();
    await page.getByText('Nothing is saved yet.').waitFor();
    expect(await page.getByRole('row', { name: 'On sonnets new' }).count()).toBe(1);
    expect(await faults()).toEqual(none);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('upgrades leave it as it is').waitFor();
    expect(await page.getByRole('row', { name: 'On sonnets' }).count()).toBe(1);
    await page.getByRole('link', { name: 'Retire or merge it' }).click();
    await page.getByText('2 readers follow it').waitFor();
    expect(await faults()).toEqual(none);
  });

  test('announces: writes, sees both screens, types the number, and watches the ledger close', async () => {
    await page.getByRole('link', { name: 'Announcements' }).click();
    await page.getByRole('link', { name: 'Write one' }).click();
    const words = page.getByLabel('The mail, in MJML');
    await words.fill((await words.inputValue()).replace('What is new', 'A new source'));
    await page.getByRole('button', { name: 'Keep as a draft' }).click();
    for (const name of ['The mail on a phone', 'The mail on a wide screen']) {
      await page.frameLocator(`iframe[title="${name}"]`).getByText('A new source').waitFor();
    }
    expect(await faults()).toEqual(none);
    await page.getByRole('button', { name: 'Choose who gets it' }).click();
    await page.getByText('2 readers in all.').waitFor();
    expect(await faults()).toEqual(none);
    await page.getByLabel('Type 2 to mail it to them').fill('2');
    await page.getByRole('button', { name: 'Start mailing' }).click();
    await page.getByText('0 of 2 readers were mailed it so far.').waitFor();
    expect(await faults()).toEqual(none);

    await hurry(ctx);
    const { rows } = await sql<{ noticeId: number }>`select id "noticeId" from notices`.execute(ctx.db);
    for (const row of rows) expect(await attempt(ctx, row)).toBeUndefined();
    await sweep(ctx);
    await page.reload();
    await page.getByText('2 of 2 readers were mailed it.').waitFor();
  });
});
