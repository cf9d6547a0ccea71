import { expect, test } from 'vitest';
import { settleFirstMail } from '../../src/commands/introduction.ts';
import { openTestContext } from '../support/context.ts';

test('a first start whose queues are away says so, instead of that nothing is due', async () => {
  const ctx = await openTestContext({ env: { REDIS_URL: 'redis://127.0.0.1:1' } });
  expect(await settleFirstMail(ctx)).toBe(
    'The queues do not answer; they live in Redis. Mail waits until they do.',
  );
  await ctx.close();
});
