/**
 * Ten thousand hostile forms, each from a network of its own, a third of them valid: nothing breaks, what is stored is what
 * was typed, and no page or mail that shows it holds an element or attribute of theirs. Every form's answer is looked at;
 * of every valid one also the confirmation and the welcome, and of every `pagesOf`th the pages behind them, the digest's
 * mail, and what operators see: each kind of hostile text comes round on all of them.
 *
 *   npx tsx bench/hostile-forms.ts [forms] [pagesOf]
 *
 * It works on an embedded Postgres in a folder of its own, which it removes. Mails are rendered and not sent.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { parse } from 'parse5';
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { syncCuratedTopics } from '../src/db/topics.ts';
import { signToken } from '../src/domain/tokens.ts';
import { ingest } from '../src/pipeline/ingest.ts';
import { renderNotice } from '../src/render/notice.ts';
import { webApp } from '../src/web/app.tsx';

const [forms = 10_000, pagesOf = 16] = process.argv.slice(2).map(Number);
const marker = 'xhostilex';
const password = 'only for this';
const dataDir = await mkdtemp(join(tmpdir(), 'broadsheet-hostile-'));
const ctx = await openContext(
  loadConfig({ BROADSHEET_DATA_DIR: dataDir, OPERATOR_PASSWORD: password, LOG_LEVEL: 'silent' }),
  { migrates: true },
);
await syncCuratedTopics(ctx.db);
await ingest(ctx, { source: 'sample', day: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10) });
const app = webApp(ctx);

const nasty = [
  `<script>${marker}</script>`,
  `"><img src=x onerror=${marker}>`,
  `' onfocus=${marker} autofocus='`,
  `<svg/onload=${marker}>`,
  `</textarea><i ${marker}>`,
  `{{confirmUrl}} ${marker}`,
  `<mj-raw><b ${marker}></b></mj-raw>`,
  `\r\nBcc: ${marker}@uni.test`,
  `\0${marker}`,
  `\u202e${marker}`,
  `\ue000${marker}`,
  `javascript:${marker}`,
  '-'.repeat(5000),
  '""" OR - OR ()&|!:*',
  `${marker} https://evil.example`,
];
const pick = (n: number) => nasty[n % nasty.length]!;
const statuses = new Map<number, number>();
const typed = new Map<string, string[]>();
let looks = 0;
const startedMs = performance.now();

/** A topic that is valid, and as hostile as one can be. */
function phraseOf(n: number): string {
  const text = `robots ${n} ${pick(n / 3)}`;
  return text.replaceAll(/[\r\n;]/g, ' ').slice(0, 79);
}

for (let n = 0; n < forms; n++) {
  const isValid = n % 3 === 0;
  const address = isValid ? `o'reader+${n}&co@uni.test` : `${pick(n)}@uni.test`;
  // Quotes are no part of a name, and semicolons and colons part topics.
  const author = `Ann ${pick(Math.floor(n / 3))
    .replaceAll(/[\r\n;:@"-]/g, ' ')
    .slice(0, 30)}x Smith`;
  const body = new URLSearchParams({
    email: address,
    phrases: isValid ? phraseOf(n) : pick(n + 1),
    authors: isValid ? author : pick(n + 3),
    time_zone: isValid ? 'Europe/Paris' : pick(n + 2),
  });
  const from = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  const answer = await app.request('/subscribe', {
    method: 'POST',
    body,
    headers: { 'x-forwarded-for': from },
  });
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  look(await answer.text(), `the answer to form ${n}`);
  if (isValid && answer.status !== 200) throw new Error(`Form ${n} should be valid: ${answer.status}.`);
  if (isValid) typed.set(address, [phraseOf(n), `author: ${author}`]);
}

process.stdout.write(`answers by status: ${JSON.stringify([...statuses])}\n`);

const login = await app.request('/operators/login', {
  method: 'POST',
  body: new URLSearchParams({ password }),
  headers: { origin: ctx.config.publicUrl, 'sec-fetch-site': 'same-origin' },
});
const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
if (cookie === '') throw new Error(`Operators could not log in: ${login.status}.`);

const { rows } = await sql<{ id: number; address: string; wanted: string[] }>`
  select id, address, wanted_topics wanted from subscribers order by id`.execute(ctx.db);
if (rows.length !== typed.size) throw new Error(`${typed.size} forms were valid, ${rows.length} are stored.`);
await sql`update subscribers set empty_days = 'note'`.execute(ctx.db);
for (const [place, { id, address, wanted }] of rows.entries()) {
  const tidy = typed.get(address)!.map((text) => text.replaceAll(/[\p{C}\s]+/gu, ' ').trim());
  if (JSON.stringify(wanted) !== JSON.stringify(tidy))
    throw new Error(`Stored ${JSON.stringify(wanted)}, typed ${JSON.stringify(tidy)}.`);
  const path = (purpose: 'confirm' | 'preferences') =>
    `/${purpose}/${signToken(ctx.config.keys[0], { purpose, subscriberId: id, addressVersion: 1 })}`;
  for (const form of ['confirm', 'welcome'] as const)
    look((await renderNotice(form, { topics: wanted })).html, `the ${form} mail to ${address}`);
  if (place % pagesOf !== 0) continue;
  await page(path('confirm'));
  await page(path('confirm'), { method: 'POST' });
  await page(path('preferences'));
  await page(`${path('preferences')}/preview`);
  await page(`/operators/subscribers/${id}`, { headers: { cookie } });
}
await page('/operators/topics', { headers: { cookie } });
await page('/operators/subscribers?q=reader', { headers: { cookie } });

const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
process.stdout.write(
  `${forms} forms, ${rows.length} valid and stored as typed, ${looks} pages and mails looked at, in ${seconds} s\n`,
);
if ([...statuses.keys()].some((status) => status >= 500)) process.exitCode = 1;
await ctx.close();
await rm(dataDir, { recursive: true, force: true });

async function page(path: string, init: RequestInit = {}): Promise<void> {
  const answer = await app.request(path, init);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
  look(await answer.text(), path);
}

/** No element and no attribute of a page may come from a form. */
function look(html: string, what: string): void {
  looks += 1;
  const walk = (node: {
    nodeName: string;
    attrs?: { name: string; value: string }[];
    childNodes?: unknown[];
  }): void => {
    const isOurs =
      node.nodeName !== 'script' ||
      node.attrs?.some(({ value }) => /^\/(?:comfort-|operators\/)/.test(value));
    const bad = node.attrs?.find(({ name }) => name.startsWith('on') || name.includes(marker));
    if (!isOurs || bad || node.nodeName.includes(marker)) {
      throw new Error(`In ${what} stands <${node.nodeName} ${bad?.name ?? ''}>.`);
    }
    for (const child of node.childNodes ?? []) walk(child as never);
  };
  walk(parse(html) as never);
}
