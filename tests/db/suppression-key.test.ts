import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { keepSuppressionKey } from '../../src/db/suppression-key.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { examineSuppressionKey } from '../../src/doctor/suppression-key.ts';
import { addressHash } from '../../src/domain/address.ts';
import { openTestContext, type TestContext } from '../support/context.ts';

const other = Buffer.alloc(32, 9);
let ctx: TestContext;
let key: Buffer;
beforeAll(async () => {
  ctx = await openTestContext();
  key = ctx.config.suppressionKey;
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await ctx.pool.query('truncate suppressions');
  await keepSuppressionKey(ctx.db, key);
});

const suppressSomebody = () =>
  suppress(ctx.db, { addressHash: addressHash(key, 'ada@uni.test'), reason: 'complaint', origin: 'webhook' });
const examined = (one: Buffer) => examineSuppressionKey(ctx.pool, one).then(({ state }) => state);

test('with another key nothing starts once somebody is suppressed, and it is said what happened and what to do', async () => {
  await suppressSomebody();
  const opening = openContext({ ...ctx.config, suppressionKey: other });
  await expect(opening).rejects.toBeInstanceOf(ConfigError);
  await expect(opening).rejects.toThrow(/SUPPRESSION_KEY is not the key .* Put the old one back/);
  expect([await examined(key), await examined(other)]).toEqual(['ok', 'fail']);
  // Being refused changes nothing.
  await expect(openContext({ ...ctx.config, suppressionKey: other })).rejects.toBeInstanceOf(ConfigError);
  await (await openContext(ctx.config)).close();
});

test('while nobody is suppressed a new key takes the place of the old one', async () => {
  await (await openContext({ ...ctx.config, suppressionKey: other })).close();
  await suppressSomebody();
  expect([await examined(key), await examined(other)]).toEqual(['fail', 'ok']);
  await expect(openContext(ctx.config)).rejects.toBeInstanceOf(ConfigError);
});

test('an installation from before the fingerprint takes the key that it has', async () => {
  await suppressSomebody();
  await ctx.pool.query('update installation set suppression_key_fingerprint = null');
  expect(await examined(other)).toBe('ok');
  await (await openContext(ctx.config)).close();
  expect([await examined(key), await examined(other)]).toEqual(['ok', 'fail']);
});

test('signing keys come and go without it', async () => {
  await suppressSomebody();
  const added = { id: 'b2', secret: Buffer.alloc(32, 5) };
  await (await openContext({ ...ctx.config, keys: [added, ...ctx.config.keys] })).close();
  expect(await examined(key)).toBe('ok');
});

test('the database holds no trace of the key itself', async () => {
  const { rows } = await ctx.pool.query<{ kept: Buffer }>(
    'select suppression_key_fingerprint kept from installation',
  );
  expect(rows[0]!.kept).toHaveLength(32);
  expect(rows[0]!.kept.equals(key)).toBe(false);
});
