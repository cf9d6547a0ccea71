import { expect, test } from 'vitest';
import { withoutTokens } from '../src/log.ts';

test('tokens are cut out of paths, and the rest stays', () => {
  expect(withoutTokens('GET /preferences/p-1f-1-0-a1-abc?x=1')).toBe('GET /preferences/…?x=1');
  expect(withoutTokens('https://example.org/unsubscribe/u-1 and /taste/t-2?paper=x')).toBe(
    'https://example.org/unsubscribe/… and /taste/…?paper=x',
  );
  expect(withoutTokens('/papers/2026-03-29 /webhooks/resend')).toBe('/papers/2026-03-29 /webhooks/resend');
});
