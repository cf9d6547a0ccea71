import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { keyOf, seedDay, seedReaders } from '../support/seed.ts';
import { openSite, type Site, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;
let tokens: string[];

const nasty = [
  '\0',
  '\ud800',
  '\u202e',
  '\r\nSet-Cookie: a=b',
  '"><script>alert(1)</script>',
  "' or 1=1 --",
  '../../etc/passwd',
  '%00',
  '${7*7}',
  '-'.repeat(3000),
  '"""" OR - OR ()&|!:*',
  'Etc/GMT+25',
  '__proto__',
  '\u{1F468}\u200d\u{1F469}',
  '2147483648',
  '1e3',
  ' 7',
];
const fields = [
  'email',
  'topics',
  'phrases',
  'time_zone',
  'send_hour',
  'weekdays',
  'weekdays_shown',
  'max_papers',
  'do',
  'paper',
  'say',
  'website',
  'List-Unsubscribe',
  'password',
  'next',
  '__proto__',
  'constructor',
];
const value = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    'ada@uni.test',
    'robotics',
    'robots',
    'Europe/Paris',
    '7',
    '1',
    '',
    'leave',
    'return',
    'more',
    'One-Click',
  ),
);
const form = fc.array(fc.tuple(fc.constantFrom(...fields), value), { maxLength: 12 });

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  await seedDay(ctx, '2026-03-18', 3);
  const [reader] = await seedReaders(ctx, 1);
  tokens = (['preferences', 'unsubscribe', 'confirm', 'taste'] as const).map(
    (purpose) => `/${purpose}/${tokenFor(ctx, purpose, reader!.id, '2026-03-20')}`,
  );
});
afterAll(() => ctx.close());

let senders = 0;

/** Each form from a network of its own: the limits are looked at elsewhere. */
function fromElsewhere(): Record<string, string> {
  senders += 1;
  return { 'x-forwarded-for': `10.${senders >> 16}.${(senders >> 8) & 255}.${senders & 255}` };
}

/** Without lone surrogates, which no address can hold. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd');
}

/** Not one request is answered with an error of ours, nor with markup that came in. */
function expectSane(status: number, body: string): void {
  expect(status).toBeLessThan(500);
  expect(body).not.toContain('<script>');
}

test('no form whatever breaks a page or gets its markup in, urlencoded or multipart', async () => {
  await fc.assert(
    fc.asyncProperty(form, fc.boolean(), fc.nat(5), async (pairs, isMultipart, which) => {
      site = openSite(ctx);
      const path = [...tokens, '/subscribe', '/operators/login'][which]!;
      const body = isMultipart ? new FormData() : new URLSearchParams();
      for (const [name, text] of pairs) body.append(name, text);
      const posted = await site.request(path, { method: 'POST', body, headers: fromElsewhere() });
      expectSane(posted.status, posted.body);
      const shown = await site.get(path);
      expectSane(shown.status, shown.body);
    }),
    { numRuns: 150 },
  );
});

test('no body whatever breaks a page, whatever it claims to be', async () => {
  const kinds = [
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'application/json',
    'text/plain',
    '',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...kinds),
      fc.nat(5),
      async (bytes, kind, which) => {
        site = openSite(ctx);
        const path = [...tokens, '/subscribe', '/webhooks/resend'][which]!;
        const answer = await site.request(path, {
          method: 'POST',
          body: bytes,
          headers: { 'content-type': kind, ...fromElsewhere() },
        });
        expectSane(answer.status, answer.body);
      },
    ),
    { numRuns: 100 },
  );
});

test('no address breaks a page: tokens, dates, papers, queries', async () => {
  const part = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 60 }));
  const prefixes = [
    '/papers/',
    '/confirm/',
    '/preferences/',
    '/unsubscribe/',
    '/digest/',
    '/taste/',
    '/operators/',
    '/mailbox/',
    '/',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...prefixes), part, part, async (prefix, text, query) => {
      const path = `${prefix}${encodeURIComponent(wellFormed(text))}?paper=${encodeURIComponent(wellFormed(query))}&say=more`;
      const answer = await openSite(ctx).get(path, { accept: 'text/html' });
      expectSane(answer.status, answer.body);
      for (const header of ['set-cookie', 'location'])
        expect(answer.headers.get(header) ?? '').not.toContain('a=b');
    }),
    { numRuns: 150 },
  );
});

test('what is stored is what was typed, and is shown as text', async () => {
  const phrase = 'robots <i>"soft hands"</i> & ‮evil';
  const path = tokens[0]!;
  expect((await openSite(ctx).post(path, { phrases: phrase, do: 'save' })).status).toBe(303);
  const { body } = await openSite(ctx).get(path);
  expect(body).toContain('robots &lt;i&gt;&quot;soft hands&quot;&lt;/i&gt; &amp; ');
  expect(body).not.toContain('<i>"soft');
  expect((await openSite(ctx).get(`/papers/2026-03-18`)).body).toContain(keyOf('2026-03-18', 0).slice(6));
});
