import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { signToken, type Purpose } from '../../src/domain/tokens.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { mailAll, pathIn } from './mailbox.ts';
import type { Studio } from './studio.ts';

const address = 'ada@university.example';

/** Every page of a reader's, from the first look to the last. */
export async function drawReaderPages({ ctx, setNow, shot }: Studio): Promise<void> {
  await shot('front', '/');
  await shot('front-phone-dark', '/', { size: 'phone', scheme: 'dark' });
  await shot('week', '/papers/week');
  await shot('trending-dark', '/papers/trending', { scheme: 'dark' });
  await shot('search', '/search?q=video+generation+after:2026');
  await shot('paper', `/paper/${await firstKey(ctx)}`, { whole: true });
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
  await mailAll(ctx);
  await shot('confirm', await pathIn(ctx, 'Confirm your', '/confirm/'), { size: 'short' });
  await shot('started', await pathIn(ctx, 'Confirm your', '/confirm/'), {
    size: 'short',
    first: (page) => page.getByRole('button', { name: 'Start my digest' }).click(),
  });
  await mailAll(ctx);
  setNow('2026-07-18T06:30:00Z');
  await ingest(ctx, { source: 'sample', day: '2026-07-17' });
  const preferences = path(ctx, 'preferences');
  await shot('preferences', preferences, { whole: true });
  await shot('preferences-phone-dark', preferences, { size: 'phone', scheme: 'dark' });
  const less = await pathIn(ctx, 'Welcome: ', '/taste/', 'say=less');
  await shot('less-phone', less, { size: 'phone' });
  // As the text part names it.
  await shot('more-or-less-phone', less.replace('&say=less', ''), { size: 'phone' });
  await shot('noted-phone', await pathIn(ctx, 'Welcome: ', '/taste/', 'say=more'), {
    size: 'phone',
    first: (page) => page.getByRole('button', { name: 'More like this' }).click(),
  });
  await shot('account-asked', preferences, {
    size: 'short',
    first: (page) => page.getByRole('button', { name: 'Mail me that link' }).click(),
  });
  await mailAll(ctx);
  const account = await pathIn(ctx, 'Your Broadsheet data', '/account/');
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
  await mailAll(ctx);
  await shot('move', await pathIn(ctx, 'Confirm your new address', '/move/'), { size: 'short' });
  await shot('unsubscribe', path(ctx, 'unsubscribe'), { size: 'short' });
  await shot('privacy', '/privacy', { whole: true });
  await shot('not-found', '/nothing-here', { size: 'short' });
}

function path(ctx: Context, purpose: Purpose & ('preferences' | 'unsubscribe')): string {
  return `/${purpose}/${signToken(ctx.config.keys[0], { purpose, subscriberId: 1, addressVersion: 1 })}`;
}

async function firstKey(ctx: Context): Promise<string> {
  const { rows } = await sql<{ key: string }>`select key from papers order by votes desc limit 1`.execute(
    ctx.db,
  );
  return rows[0]!.key;
}
