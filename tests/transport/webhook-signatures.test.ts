import fc from 'fast-check';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from '../../src/transport/resend-webhook.ts';

const nowMs = Date.parse('2026-11-23T17:00:00Z');
const at = new Date(nowMs);
const secretText = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((key) => `whsec_${encode(key)}`);
const idText = fc.stringMatching(/^msg_[A-Za-z0-9]{1,40}$/);
const event = fc.json();

interface Peer {
  name: string;
  prefix: 'svix' | 'webhook';
  sign(secret: string, id: string, body: string): string;
  verify(secret: string, headers: Record<string, string>, body: string): unknown;
}

/** The sender's own library, and that of the specification. They verify by the wall clock, so that is done there. */
const peers: Peer[] = [
  {
    name: 'svix',
    prefix: 'svix',
    sign: (secret, id, body) => new SvixWebhook(secret).sign(id, at, body),
    verify: (secret, headers, body) => new SvixWebhook(secret).verify(body, headers),
  },
  {
    name: 'standardwebhooks',
    prefix: 'webhook',
    sign: (secret, id, body) => new StandardWebhook(secret).sign(id, at, body),
    verify: (secret, headers, body) => new StandardWebhook(secret).verify(body, headers),
  },
];

describe.each(peers)('signatures made by $name', ({ prefix, sign, verify }) => {
  const headersOf = (id: string, signature: string, timestampS = nowMs / 1000) => ({
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(timestampS),
    [`${prefix}-signature`]: signature,
  });

  test('are accepted', () => {
    fc.assert(
      fc.property(secretText, idText, event, (secret, id, body) => {
        const headers = headersOf(id, sign(secret, id, body));
        expect(verifyWebhook(body, headers, [secret], nowMs)).toEqual({ ok: true, id });
      }),
      { numRuns: 300 },
    );
  });

  test('are accepted while a secret is being replaced, from either side', () => {
    fc.assert(
      fc.property(secretText, secretText, idText, event, (old, fresh, id, body) => {
        fc.pre(old !== fresh);
        const both = `${sign(old, id, body)} ${sign(fresh, id, body)}`;
        for (const known of [[old], [fresh], [fresh, old]])
          expect(verifyWebhook(body, headersOf(id, both), known, nowMs).ok).toBe(true);
        for (const one of [sign(old, id, body), sign(fresh, id, body)])
          expect(verifyWebhook(body, headersOf(id, one), [fresh, old], nowMs).ok).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('with one letter changed anywhere are refused, a thousand times', () => {
    const where = fc.constantFrom('body', 'id', 'timestamp', 'signature');
    fc.assert(
      fc.property(
        secretText,
        idText,
        event,
        where,
        fc.nat(),
        fc.nat(),
        (secret, id, body, part, place, letter) => {
          const headers = headersOf(id, sign(secret, id, body));
          const changed = part === 'body' ? mutate(body, place, letter) : body;
          if (part !== 'body') {
            const name = `${prefix}-${part}`;
            headers[name] = mutate(headers[name]!, place, letter);
          }
          expect(verifyWebhook(changed, headers, [secret], nowMs).ok).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('are the very ones that we make, and ours are accepted there', () => {
    fc.assert(
      fc.property(secretText, idText, event, (secret, id, body) => {
        expect(signWebhook(secret, id, nowMs / 1000, body)).toBe(sign(secret, id, body));
        const nowS = Math.floor(Date.now() / 1000);
        const headers = headersOf(id, signWebhook(secret, id, nowS, body), nowS);
        expect(verify(secret, headers, body)).toEqual(JSON.parse(body));
      }),
      { numRuns: 200 },
    );
  });
});

/** Another letter at one place; never the padding or the trailing bits of base64, which say nothing. */
function mutate(text: string, place: number, letter: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const last = text.endsWith('=') ? text.length - 3 : text.length - 1;
  const at = place % (last + 1);
  const other = letters[letter % letters.length]!;
  const changed = text[at] === other ? letters[(letter + 1) % letters.length]! : other;
  return text.slice(0, at) + changed + text.slice(at + 1);
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
