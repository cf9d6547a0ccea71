import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import sharp from 'sharp';
import { loadConfig } from '../../src/config.ts';
import { type Context, openContext } from '../../src/context.ts';
import { listenWeb } from '../../src/web/listen.ts';

const folder = new URL('../../docs/screenshots/', import.meta.url);
const port = 38_917;
const operatorPassword = 'only for screenshots';
const drawnWithinMs = 2_000;
const lookAgainMs = 25;

const sizes = {
  desktop: { width: 1120, height: 1400 },
  /** A page that says one thing. */
  short: { width: 1120, height: 560 },
  phone: { width: 390, height: 844 },
} as const;

export interface Look {
  size?: keyof typeof sizes;
  scheme?: 'light' | 'dark';
  /** The whole page, however long. */
  whole?: boolean;
  /** What is done before the picture is taken. */
  first?: (page: Page) => Promise<unknown>;
}

/** An installation whose clock is ours to set, its pages on this machine, and a browser before them. */
export interface Studio {
  ctx: Context;
  setNow(at: string): void;
  /** Takes a picture of a page, by its path. */
  shot(name: string, path: string, look?: Look): Promise<void>;
  /** A picture of what is no page of ours. */
  shotOf(name: string, html: string): Promise<void>;
}

/** Lends a studio of its own, and removes everything but the pictures. */
export async function inStudio(work: (studio: Studio) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'broadsheet-screenshots-'));
  let clock = new Date('2026-07-17T06:30:00Z');
  const config = loadConfig({
    BROADSHEET_DATA_DIR: dataDir,
    PORT: String(port),
    MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
    OPERATOR_PASSWORD: operatorPassword,
    OPERATOR_EMAIL: 'operator@university.example',
    LOG_LEVEL: 'silent',
  });
  const ctx = await openContext(config, { now: () => clock, delivers: true, migrates: true });
  const web = await listenWeb(ctx);
  const browser = await openBrowser();
  try {
    await work({
      ctx,
      setNow: (at) => void (clock = new Date(at)),
      shot: (name, path, look) => shot(browser, name, ctx.config.publicUrl + path, look),
      shotOf: (name, html) => shotOf(browser, name, html),
    });
  } finally {
    await browser.close();
    await web.close();
    await ctx.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({
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
}

async function shot(browser: Browser, name: string, url: string, look: Look = {}): Promise<void> {
  const { size = 'desktop', scheme = 'light', whole = false, first } = look;
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    timezoneId: 'Europe/Paris',
    deviceScaleFactor: size === 'phone' ? 2 : 1,
    // A proxy's own sign-in does the same; pages without a password ignore it.
    extraHTTPHeaders: {
      authorization: `Basic ${Buffer.from(`operator:${operatorPassword}`).toString('base64')}`,
    },
  });
  const page = await context.newPage();
  await page.goto(url);
  if (first) {
    await first(page);
    await page.waitForLoadState('networkidle');
  }
  for (const frame of page.frames()) await drawn(frame);
  await save(name, await page.screenshot({ fullPage: whole }));
  await context.close();
}

/**
 * Until a frame's content was painted: on a busy machine that is after the page has loaded. It is asked from outside,
 * because a mail's frame runs nothing; one below the fold is never painted, and is not waited for long.
 */
async function drawn(frame: Frame): Promise<void> {
  for (let waitedMs = 0; waitedMs < drawnWithinMs; waitedMs += lookAgainMs) {
    if (await frame.evaluate("performance.getEntriesByType('paint').length > 0")) return;
    await pause(lookAgainMs);
  }
}

async function shotOf(browser: Browser, name: string, html: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 760, height: 900 } });
  const page = await context.newPage();
  await page.setContent(html);
  await save(name, await page.screenshot());
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
