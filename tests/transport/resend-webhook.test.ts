import fc from 'fast-check';
import { Resend } from 'resend';
import { describe, expect, test } from 'vitest';
import { parseWebhook, signWebhook, verifyWebhook } from '../../src/transport/resend-webhook.ts';

const secret = `whsec_${Buffer.from('a signing secret of some length').toString('base64')}`;
const other = `whsec_${Buffer.from('another secret of some length!!').toString('base64')}`;
const nowMs = Date.parse('2026-11-23T17:00:00Z');
const nowS = nowMs / 1_000;

describe('a signature', () => {
  test('of ours verifies, and so the id is known', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), idText, (body, id) => {
        const raw = Buffer.from(body);
        expect(verifyWebhook(raw, signed(raw, id), [secret], nowMs)).toEqual({ ok: true, id });
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused after any change of body, id, time or signature', () => {
    fc.assert(
      fc.property(
        bytes,
        idText,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        part,
        (raw, id, place, flip, changed) => {
          const headers = signed(raw, id);
          const body = Buffer.from(raw);
          if (changed === 'body') body[place % body.length]! ^= flip;
          else headers[changed] = changedText(headers[changed]!, place);
          expect(verifyWebhook(body, headers, [secret], nowMs).ok).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('of another secret is refused, and accepted while both are in use', () => {
    const headers = signed(Buffer.from('{}'), 'msg_1', other);
    expect(verifyWebhook('{}', headers, [secret], nowMs)).toMatchObject({ ok: false, status: 401 });
    expect(verifyWebhook('{}', headers, [secret, other], nowMs).ok).toBe(true);
  });

  test('may be one of several, of which others are of other versions', () => {
    const mine = signWebhook(secret, 'msg_1', nowS, '{}');
    const headers = { ...signed(Buffer.from('{}'), 'msg_1'), 'svix-signature': `v1a,AAAA v1,AAAA ${mine}` };
    expect(verifyWebhook('{}', headers, [secret], nowMs).ok).toBe(true);
    const v2 = { ...headers, 'svix-signature': mine.replace('v1,', 'v2,') };
    expect(verifyWebhook('{}', v2, [secret], nowMs).ok).toBe(false);
  });

  test.each([
    [-301, false],
    [-300, true],
    [0, true],
    [300, true],
    [301, false],
  ])('%i s from now is acceptable: %s', (offset, ok) => {
    const timestamp = nowS + offset;
    const headers = {
      'svix-id': 'msg_1',
      'svix-timestamp': String(timestamp),
      'svix-signature': signWebhook(secret, 'msg_1', timestamp, '{}'),
    };
    expect(verifyWebhook('{}', headers, [secret], nowMs).ok).toBe(ok);
  });

  test.each(['svix-id', 'svix-timestamp', 'svix-signature'])('without %s is no request at all', (name) => {
    const headers: Record<string, string> = signed(Buffer.from('{}'), 'msg_1');
    delete headers[name];
    expect(verifyWebhook('{}', headers, [secret], nowMs)).toMatchObject({ ok: false, status: 400 });
  });

  test.each(['soon', '1e9', '-5', '0x10', '99999999999999', '1763917200.5'])(
    'at the time %j is no request',
    (time) => {
      const headers = { ...signed(Buffer.from('{}'), 'msg_1'), 'svix-timestamp': time };
      expect(verifyWebhook('{}', headers, [secret], nowMs)).toMatchObject({ ok: false, status: 400 });
    },
  );

  test('is read from a Headers object and under the names of the specification', () => {
    const named = Object.entries(signed(Buffer.from('{}'), 'msg_1')).map(
      ([name, value]) => [name.replace('svix', 'webhook'), value] as [string, string],
    );
    expect(verifyWebhook('{}', new Headers(named), [secret], nowMs)).toEqual({ ok: true, id: 'msg_1' });
  });

  test('by an empty secret is never made nor checked', () => {
    expect(() => signWebhook('whsec_', 'msg_1', nowS, '{}')).toThrow(/secret/);
    expect(() => verifyWebhook('{}', signed(Buffer.from('{}'), 'msg_1'), ['whsec_'], nowMs)).toThrow(
      /secret/,
    );
  });

  test('is what the SDK expects, and the SDK refuses what we refuse', () => {
    const resend = new Resend('re_1');
    fc.assert(
      fc.property(fc.json(), idText, fc.boolean(), (body, id, isChanged) => {
        const timestamp = String(Math.floor(Date.now() / 1_000));
        const signature = signWebhook(secret, id, Number(timestamp), body);
        const payload = isChanged ? `${body} ` : body;
        const theirs = verdictOf(() =>
          resend.webhooks.verify({ payload, headers: { id, timestamp, signature }, webhookSecret: secret }),
        );
        const headers = { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': signature };
        const ours = verifyWebhook(payload, headers, [secret], Date.now()).ok;
        expect([ours, theirs]).toEqual([!isChanged, !isChanged]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an event', () => {
  test('of a bounce is read whole', () => {
    const event = parseWebhook(
      JSON.stringify({
        type: 'email.bounced',
        created_at: '2026-11-22T23:41:12.126Z',
        data: {
          created_at: '2026-11-22T23:41:11.894Z',
          email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
          from: 'Acme <onboarding@resend.dev>',
          to: ['ada@uni.test', 'second@uni.test'],
          subject: 'Sending this example',
          bounce: {
            type: 'Permanent',
            subType: 'General',
            message: 'Gone.',
            diagnosticCode: ['smtp; 550 5.1.1 user unknown'],
          },
          tags: { digest: '7-20261122' },
        },
      }),
    );
    expect(event).toEqual({
      type: 'email.bounced',
      createdAt: new Date('2026-11-22T23:41:12.126Z'),
      emailId: '56761188-7520-42d8-8898-ff6fc54ce618',
      to: 'ada@uni.test',
      digestTag: '7-20261122',
      tags: { digest: '7-20261122' },
      bounce: {
        type: 'Permanent',
        subType: 'General',
        message: 'Gone.',
        diagnosticCodes: ['smtp; 550 5.1.1 user unknown'],
      },
    });
  });

  test.each([
    [{ notice: '12' }, { noticeTag: '12' }],
    [[{ name: 'digest', value: '7' }], { digestTag: '7' }],
    [[{ name: 'digest', value: 7 }, null, 'x'], { digestTag: '7' }],
    [{ other: 'x' }, { tags: { other: 'x' } }],
    [null, { tags: {} }],
  ])('with tags %j gives %j', (tags, expected) => {
    expect(parseWebhook(JSON.stringify({ type: 'email.delivered', data: { tags } }))).toMatchObject(expected);
  });

  test.each([
    [{ to: 'ada@uni.test' }, 'ada@uni.test'],
    [{ to: ['ada@uni.test'] }, 'ada@uni.test'],
    [{ email: 'ada@uni.test' }, 'ada@uni.test'],
    [{ to: [] }, undefined],
    [{ to: [{}] }, undefined],
    [{}, undefined],
  ])('with %j is about %s', (data, to) => {
    expect(parseWebhook(JSON.stringify({ type: 'email.delivered', data })).to).toBe(to);
  });

  test.each([
    [{}, { diagnosticCodes: [] }],
    [{ type: 'Temporary' }, { type: 'Temporary', diagnosticCodes: [] }],
    [{ diagnosticCode: 'smtp; 550 5.1.1' }, { diagnosticCodes: ['smtp; 550 5.1.1'] }],
    [{ diagnosticCode: [1, null, 'x', {}] }, { diagnosticCodes: ['1', 'x'] }],
  ])('with the bounce %j is read as %j', (bounce, expected) => {
    expect(parseWebhook(JSON.stringify({ type: 'email.bounced', data: { bounce } })).bounce).toEqual(
      expected,
    );
  });

  test('that failed or was suppressed says why', () => {
    const failed = { type: 'email.failed', data: { failed: { reason: 'reached_daily_quota' } } };
    const suppressed = { type: 'email.suppressed', data: { suppressed: { message: 'On the list.' } } };
    expect(parseWebhook(JSON.stringify(failed)).reason).toBe('reached_daily_quota');
    expect(parseWebhook(JSON.stringify(suppressed)).reason).toBe('On the list.');
  });

  test.each(['', '{', 'null', '[]', '7', '{}', '{"type":""}', '{"type":{}}'])('%j is none', (body) => {
    expect(() => parseWebhook(body)).toThrow(/JSON|type/);
  });

  test('of any shape is read as far as it goes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (data, bounce, tags) => {
        const wrapped = typeof data === 'object' && !Array.isArray(data) ? { ...data, bounce, tags } : data;
        const event = parseWebhook(JSON.stringify({ type: 'x', created_at: data, data: wrapped }));
        expect(event.type).toBe('x');
      }),
      { numRuns: 1_000 },
    );
  });
});

const idText = fc.stringMatching(/^msg_[A-Za-z0-9]{1,30}$/);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((value) => Buffer.from(value));
const part = fc.constantFrom('body', 'svix-id', 'svix-timestamp', 'svix-signature' as const);

function signed(raw: Buffer, id: string, key = secret): Record<string, string> {
  return {
    'svix-id': id,
    'svix-timestamp': String(nowS),
    'svix-signature': signWebhook(key, id, nowS, raw),
  };
}

/** Another text of the same length: one character is replaced by its neighbour. */
function changedText(value: string, place: number): string {
  const at = place % value.length;
  const next = value[at] === '1' ? '2' : '1';
  return value.slice(0, at) + next + value.slice(at + 1);
}

/** Whether the SDK takes it: it throws for anything else. */
function verdictOf(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}
