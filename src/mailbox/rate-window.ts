import type { Context } from 'hono';

/**
 * Resend's limit: so many requests in each second, no burst, and headers that say so on every answer (resend.md 1.5).
 * Counts for one process, which is what the stand-in is.
 */
export function openRateWindow(requestsPerSecond: number): (c: Context) => Response | undefined {
  let second = 0;
  let taken = 0;
  return (c) => {
    const current = Math.floor(performance.now() / 1_000);
    if (current !== second) [second, taken] = [current, 0];
    taken += 1;
    c.header('ratelimit-limit', String(requestsPerSecond));
    c.header('ratelimit-policy', `${requestsPerSecond};w=1`);
    c.header('ratelimit-remaining', String(Math.max(0, requestsPerSecond - taken)));
    c.header('ratelimit-reset', '1');
    if (taken <= requestsPerSecond) return undefined;
    c.header('retry-after', '1');
    const message =
      `Too many requests. You can only make ${requestsPerSecond} requests per second. ` +
      'See rate limit response headers for more information. Or contact support to increase rate limit.';
    return c.json({ statusCode: 429, name: 'rate_limit_exceeded', message }, 429);
  };
}
