import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPicture } from '../../src/db/pictures.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { elements, openSite, readState, type Site, textOf } from './site.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  site = openSite(ctx);
});
afterAll(() => ctx.close());

function titles(html: string): string[] {
  return [...html.matchAll(/<h2>(.*?)<\/h2>/gs)].map((found) => textOf(found[1]!));
}

test('before there is any paper, the front page says so and takes subscriptions', async () => {
  const { status, body } = await site.get('/');
  expect(status).toBe(200);
  expect(textOf(body)).toContain('The first list of papers is still on its way.');
  expect(elements(body, 'form')).toEqual([{ class: 'ask', method: 'post', action: '/subscribe' }]);
});

test('the front page shows the newest list of a day that is over, most votes first', async () => {
  await seedDay(ctx, '2026-03-18', [{ title: 'Wednesday’s paper' }]);
  await seedDay(ctx, '2026-03-19', [
    { title: 'Quiet', votes: 2 },
    {
      title: 'Loud <script>alert(1)</script>',
      votes: 41,
      comments: 2,
      organization: 'Apple',
      thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/x.png',
      codeUrl: 'javascript:alert(1)',
    },
  ]);
  await seedDay(ctx, '2026-03-20', [{ title: 'Friday’s paper' }], { state: 'partial' });
  const { body } = await site.get('/');
  expect(titles(body)).toEqual(['Loud <script>alert(1)</script>', 'Quiet']);
  expect(body).not.toContain('<script>');
  expect(body).not.toContain('javascript:');
  expect(textOf(body)).toContain('Thursday, 19 March · 2 papers · Hugging Face, list closed');
  expect(textOf(body)).toContain('Apple · ▲ 41 · 2 comments');
  // Its picture is not here yet.
  expect(elements(body, 'img')).toEqual([]);
  const turns = elements(body, 'a').filter((link) => link['rel']);
  expect(turns.map((link) => link['href'])).toEqual(['/papers/2026-03-18', '/papers/2026-03-20']);
});

test('pictures come from us: wide above the first paper, small beside the others', async () => {
  const papers = [
    { title: 'Far', thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/a.png', votes: 2 },
    { title: 'Near', thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/b.png' },
  ];
  await seedDay(ctx, '2026-03-17', papers);
  const sizes = {
    wide: { bytes: Buffer.from('wide'), width: 1280, height: 640 },
    small: { bytes: Buffer.from('small'), width: 320, height: 180 },
  };
  const { rows } = await sql<{
    paperId: number;
    address: string;
  }>`select id "paperId", thumbnail_url address from papers
    where title in ('Far', 'Near')`.execute(ctx.db);
  for (const wanted of rows) await keepPicture(ctx.db, wanted, sizes);
  const [wide, small] = elements((await site.get('/papers/2026-03-17')).body, 'img');
  expect(wide).toMatchObject({ class: 'picture', width: '1280', height: '640', alt: '' });
  expect(small).toMatchObject({ class: 'picture', width: '320', height: '180', alt: '' });
  expect(small!['src']).toMatch(/^\/pictures\/[\w-]{43}\.jpg$/);

  const { status, headers, body } = await site.get(small!['src']!);
  expect([status, body]).toEqual([200, 'small']);
  expect(headers.get('content-type')).toBe('image/jpeg');
  expect(headers.get('cache-control')).toContain('immutable');
  // A mail on another site embeds it.
  expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  const again = await site.get(small!['src']!, { 'if-none-match': headers.get('etag')! });
  expect([again.status, again.body]).toEqual([304, '']);
  for (const strange of ['x.jpg', `${'x'.repeat(43)}.jpg`, `${'x'.repeat(43)}.png`, '%00.jpg'])
    expect((await site.get(`/pictures/${strange}`)).status).toBe(404);
});

test('the archive has a page for each day with a list, and none for others', async () => {
  expect(titles((await site.get('/papers/2026-03-18')).body)).toEqual(['Wednesday’s paper']);
  for (const date of [
    '2026-03-01',
    '2026-03-21',
    '2026-02-31',
    '2026-13-01',
    'today',
    '0000-00-00',
    '9999-99-99',
  ]) {
    const { status, title } = await site.get(`/papers/${date}`);
    expect([status, title]).toEqual([404, 'There is no such page']);
  }
});

test('paths of later releases and unknown ones get a page for a person', async () => {
  for (const path of ['/papers/year/2026', '/papers/of/tomorrow', '/wp-login.php']) {
    const { status, title } = await site.get(path);
    expect([status, title]).toEqual([404, 'There is no such page']);
  }
});

test('front page and archive may be kept for a minute, and asked whether they changed', async () => {
  const first = await site.get('/');
  expect(first.headers.get('cache-control')).toBe('public, max-age=60');
  const again = await site.get('/', { 'if-none-match': first.headers.get('etag')! });
  expect([again.status, again.body]).toEqual([304, '']);
});

test('every field has a label, every page a language, a title and one main heading', async () => {
  for (const path of ['/', '/papers/2026-03-18', '/privacy', '/nothing', '/operators']) {
    const { body } = await site.get(path, { accept: 'text/html' });
    expect(body).toMatch(/^<!doctype html><html lang="en">/);
    expect(body.match(/<h1/g)).toHaveLength(1);
    const labelled = elements(body, 'label').map((label) => label['for']);
    for (const name of ['input', 'select', 'textarea']) {
      for (const field of elements(body, name)) {
        if (field['type'] === 'hidden' || field['type'] === 'checkbox') continue;
        expect(labelled).toContain(field['id']);
      }
    }
  }
});

test('pages allow no script but our own file, no frames, and nothing from elsewhere', async () => {
  const { headers, body } = await site.get('/');
  const policy = headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("img-src 'self' data:;");
  expect(policy).not.toContain('https:');
  expect(policy).not.toContain('unsafe-inline');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('set-cookie')).toBeNull();
  expect(body).not.toMatch(/ style="| on\w+="|<style|<script(?! src="\/comfort-)/);
  const sheet = elements(body, 'link').find((link) => link['rel'] === 'stylesheet')!['href']!;
  const css = await site.get(sheet);
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(css.headers.get('cache-control')).toContain('immutable');
});

test('looking at the papers changes nothing', async () => {
  const before = await readState(ctx);
  for (const path of [
    '/',
    '/papers/2026-03-18',
    '/papers/2026-03-18/',
    '/privacy',
    '/healthz',
    '/readyz',
    '/nothing',
  ]) {
    await site.get(path);
    await site.request(path, { method: 'HEAD' });
    await site.request(path, { method: 'OPTIONS' });
  }
  expect(await readState(ctx)).toEqual(before);
});
