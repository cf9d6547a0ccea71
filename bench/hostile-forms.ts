/**
 * Ten thousand hostile forms, each from a network of its own, a third of them valid: nothing breaks, what is stored is what
 * was typed, and no page or mail that shows it holds an element or attribute of theirs.
 *
 *   npx tsx bench/hostile-forms.ts DATABASE_URL [forms]
 *
 * The database must be empty; it is migrated. Mails are rendered and not sent.
 */
import { sql } from 'kysely';
import { parse } from 'parse5';
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { syncCuratedTopics } from '../src/db/topics.ts';
import { signToken } from '../src/domain/tokens.ts';
import { renderNotice } from '../src/render/notice.ts';
import { webApp } from '../src/web/app.tsx';

const [databaseUrl, given = '10000'] = process.argv.slice(2);
if (!databaseUrl) throw new Error('Say which database: npx tsx bench/hostile-forms.ts postgres://…');
const forms = Number(given);
const marker = 'xhostilex';

const ctx = await openContext(
  loadConfig({
    DATABASE_URL: databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    MAIL_FROM: 'Broadsheet <digest@broadsheet.example>',
    MAIL_POSTAL_ADDRESS: '1 Example Street',
    SECRET_KEYS: `a1:${Buffer.alloc(32, 1).toString('base64')}`,
    SUPPRESSION_KEY: Buffer.alloc(32, 2).toString('base64'),
    RESEND_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 3).toString('base64')}`,
    OPERATOR_PASSWORD: 'only for this',
    LOG_LEVEL: 'silent',
  }),
  { migrates: true },
);
await syncCuratedTopics(ctx.db);
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
const typed = new Map<string, string>();
const startedMs = performance.now();

for (let n = 0; n < forms; n++) {
  const isValid = n % 3 === 0;
  const address = isValid ? `reader${n}@uni.test` : `${pick(n)}@uni.test`;
  const phrase = isValid ? `robots ${n} ${pick(n)}`.replaceAll(/[\r\n;]/g, ' ').slice(0, 79) : pick(n + 1);
  const body = new URLSearchParams({
    email: address,
    phrases: phrase,
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
  if (answer.status === 200 && isValid) typed.set(address, phrase);
}

const { rows } = await sql<{ id: number; address: string; wanted: string[] }>`
  select id, address, wanted_topics wanted from subscribers order by id`.execute(ctx.db);
for (const { id, address, wanted } of rows) {
  const clean = typed
    .get(address)!
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (wanted[0] !== clean)
    throw new Error(`Stored ${JSON.stringify(wanted)}, typed ${JSON.stringify(clean)}.`);
  if (id % 10 !== 0) continue;
  const token = (purpose: 'confirm' | 'preferences') =>
    signToken(ctx.config.keys[0], { purpose, subscriberId: id, addressVersion: 1 });
  look((await renderNotice('confirm', { topics: wanted })).html, `the confirmation to ${address}`);
  await app.request(`/confirm/${token('confirm')}`, { method: 'POST' });
  look(await (await app.request(`/preferences/${token('preferences')}`)).text(), `the page of ${address}`);
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
process.stdout.write(
  `${forms} forms in ${seconds} s: ${JSON.stringify([...statuses])}; ${rows.length} stored as typed\n`,
);
if ([...statuses.keys()].some((status) => status >= 500)) process.exitCode = 1;
await ctx.close();

/** No element and no attribute of a page may come from a form. */
function look(html: string, what: string): void {
  const walk = (node: {
    nodeName: string;
    attrs?: { name: string; value: string }[];
    childNodes?: unknown[];
  }): void => {
    const isOurs =
      node.nodeName !== 'script' || node.attrs?.some(({ value }) => value.startsWith('/comfort-'));
    const bad = node.attrs?.find(({ name }) => name.startsWith('on') || name.includes(marker));
    if (!isOurs || bad || node.nodeName.includes(marker)) {
      throw new Error(`In ${what} stands <${node.nodeName} ${bad?.name ?? ''}>.`);
    }
    for (const child of node.childNodes ?? []) walk(child as never);
  };
  walk(parse(html) as never);
}
