/* oxlint-disable no-console -- a script for a terminal. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readEnvironment } from '../src/config.ts';
import { resendTransport } from '../src/transport/resend.ts';
import type { Receipt, Transport } from '../src/transport/transport.ts';

/**
 * `npm run smoke:resend`: sends to Resend's own test addresses with a real key and checks what the answers are taken
 * for. Five mails, which count against the account's quota. MAIL_FROM must be of a verified domain; without one it
 * sends from Resend's onboarding address. Ends with 1 if anything was not as expected.
 */
const { RESEND_API_KEY: apiKey, RESEND_BASE_URL, MAIL_FROM } = readEnvironment();
const baseUrl = (RESEND_BASE_URL || 'https://api.resend.com').replace(/\/+$/, '');
const from = MAIL_FROM || 'Broadsheet smoke test <onboarding@resend.dev>';
const outcomeWithinMs = 90_000;
const askEveryMs = 2_000;
const unknowable = 'not checked, because this key may only send';

interface Check {
  what: string;
  expected: string;
  found: string;
}

if (apiKey) {
  const checks = await run(resendTransport({ apiKey, baseUrl }), apiKey);
  for (const { what, expected, found } of checks) {
    if (found === unknowable) console.log(`- ${what}: ${unknowable}`);
    else console.log(found === expected ? `✓ ${what}` : `✗ ${what}: ${found}, and not ${expected}`);
  }
  process.exitCode = checks.every(({ expected, found }) => found === expected || found === unknowable)
    ? 0
    : 1;
} else {
  console.warn(`
  ┌────────────────────────────────────────────────────────────────────────┐
  │ NOT RUN. No RESEND_API_KEY is set, so nothing was sent to Resend.      │
  │ What Broadsheet knows of Resend comes from its documents, its OpenAPI  │
  │ description and its SDK; on this machine it never met the real thing.  │
  └────────────────────────────────────────────────────────────────────────┘
`);
}

async function run(transport: Transport, key: string): Promise<Check[]> {
  const checks: Check[] = [];
  const check = (what: string, expected: string, found: string) => checks.push({ what, expected, found });
  const label = randomUUID().slice(0, 8);
  const mailTo = (name: string) => mail(`${name}@resend.dev`);

  const singleKey = `smoke/${randomUUID()}`;
  const single = await submit(transport, mailTo(`delivered+${label}`), singleKey);
  check('one mail is accepted', 'accepted 1', describe(single));
  check(
    'its replay gives the same id',
    idsOf(single),
    idsOf(await submit(transport, mailTo(`delivered+${label}`), singleKey)),
  );
  const other = { ...mailTo(`delivered+${label}`), subject: 'Another body' };
  check(
    'its key with another body is refused',
    'conflict',
    (await submit(transport, other, singleKey)).outcome,
  );
  check('the answer names the limit', 'yes', single.limits.perSecond ? 'yes' : 'no');

  const names = [`delivered+${label}b`, `bounced+${label}`, `complained+${label}`, 'suppressed'];
  const batchKey = `smoke/${randomUUID()}`;
  const members = [...names.map(mailTo), mail('nobody')];
  const batch = await submit(transport, members, batchKey);
  check('a permissive batch names its bad member', 'accepted 4, refused 4', describe(batch));
  check('its replay gives the same ids', idsOf(batch), idsOf(await submit(transport, members, batchKey)));
  const wrong = resendTransport({ apiKey: 're_wrong_key_of_a_smoke_test', baseUrl });
  check('a wrong key halts', 'halt', (await submit(wrong, mailTo('delivered'), batchKey)).outcome);

  const ids = batch.outcome === 'accepted' ? batch.ids : [];
  for (const [place, outcome] of ['delivered', 'bounced', 'complained', 'suppressed'].entries()) {
    const id = ids[place];
    if (id) check(`${names[place]} ends as ${outcome}`, outcome, await lastEvent(id, outcome, key));
  }
  return checks;
}

function mail(to: string) {
  return {
    from,
    to,
    subject: 'Broadsheet smoke test',
    html: '<p>A smoke test of Broadsheet, to a test address of Resend.</p>',
    text: 'A smoke test of Broadsheet, to a test address of Resend.',
    tags: [{ name: 'smoke', value: 'yes' }],
  };
}

function submit(transport: Transport, mails: object | object[], key: string): Promise<Receipt> {
  const body = Buffer.from(JSON.stringify(mails));
  return Array.isArray(mails)
    ? transport.submit({ kind: 'batch', key, body, members: mails.length })
    : transport.submit({ kind: 'single', key, body, members: 1 });
}

/** Asked until it is the expected one, or time is up. A key that may only send cannot ask. */
async function lastEvent(id: string, expected: string, key: string): Promise<string> {
  const until = Date.now() + outcomeWithinMs;
  for (;;) {
    const headers = { authorization: `Bearer ${key}`, 'user-agent': 'broadsheet-smoke' };
    const response = await fetch(`${baseUrl}/emails/${id}`, { headers });
    const { last_event: found, name } = (await response.json()) as { last_event?: string; name?: string };
    if (name === 'restricted_api_key') return unknowable;
    if (found === expected || Date.now() > until) return found ?? `HTTP ${response.status}`;
    await pause(askEveryMs);
  }
}

function describe(receipt: Receipt): string {
  if (receipt.outcome !== 'accepted') return `${receipt.outcome} ${receipt.code}`;
  const refused = receipt.refused.map(({ index }) => ` ${index}`).join('');
  return `accepted ${receipt.ids.filter(Boolean).length}${refused && `, refused${refused}`}`;
}

function idsOf(receipt: Receipt): string {
  return receipt.outcome === 'accepted' ? receipt.ids.join(' ') : describe(receipt);
}
