import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signToken } from '../src/domain/tokens.ts';
import { openLog, scrub, withoutTokens } from '../src/log.ts';

test('tokens are cut out of paths, and the rest stays', () => {
  expect(withoutTokens('GET /preferences/p-1f-1-0-a1-abc?x=1')).toBe('GET /preferences/…?x=1');
  expect(withoutTokens('https://example.org/unsubscribe/u-1 and /taste/t-2?paper=x')).toBe(
    'https://example.org/unsubscribe/… and /taste/…?paper=x',
  );
  expect(withoutTokens('/papers/2026-03-29 /webhooks/resend')).toBe('/papers/2026-03-29 /webhooks/resend');
});

test('addresses and logins are cut out, however they are written; what only looks a little like one stays', () => {
  expect(scrub('Key (address)=(ada@uni.test) already exists.')).toBe('Key (address)=(…) already exists.');
  expect(scrub('to ada%40uni.test, "Ada" <a.b+c@x.example>')).toBe('to …, "Ada" <…>');
  expect(scrub('redis://queues:s%40cret@db.example:6379/1')).not.toMatch(/queues|s%40cret/);
  expect(scrub('at /app/node_modules/@hono/node-server/dist/index.mjs:12')).toBe(
    'at /app/node_modules/@hono/node-server/dist/index.mjs:12',
  );
});

test('a token is known by its shape anywhere in a line', () => {
  const claims = fc.record({
    purpose: fc.constantFrom('unsubscribe' as const, 'feed' as const, 'move' as const, 'digest' as const),
    subscriberId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    addressVersion: fc.integer({ min: 0, max: 46_655 }),
    localDate: fc.constantFrom('2026-03-20', '2026-11-23'),
  });
  fc.assert(
    fc.property(claims, fc.string(), fc.string(), (given, before, after) => {
      const token = signToken({ id: 'k1', secret: Buffer.alloc(32, 7) }, given);
      expect(scrub(`${before}${token}${after}`)).not.toContain(token.slice(-22));
    }),
  );
});

test('of an error the log has its kind, its code and its causes, and nothing of the row that failed', () => {
  const lines: string[] = [];
  const log = openLog('info', { write: (line) => void lines.push(line) });
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (phrase)=(my illness)',
  });
  log.error({ err: new Error('the step failed for ada@uni.test', { cause }) }, 'failed');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/illness|ada/);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    msg: 'failed',
    err: {
      type: 'Error',
      message: 'the step failed for …',
      cause: { code: '23505', message: 'duplicate key' },
    },
  });
});
