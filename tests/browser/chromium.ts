import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser of this machine for the tests that look at pages; undefined where there is none. */
export const chromiumProgram: string | undefined = programs.find((program) => existsSync(program));

if (!chromiumProgram)
  console.warn('Browser tests are SKIPPED: install Debian’s package chromium to run them.');

const phone = { width: 390, height: 844 };

export function openBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ];
  return chromium.launch({ executablePath: chromiumProgram!, args });
}

/** A phone that runs no script and reaches nothing but this machine. */
export async function openPhone(
  browser: Browser,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: phone, javaScriptEnabled: false, colorScheme });
  await context.route(
    (url) => url.hostname !== 'localhost' && url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  return context;
}
