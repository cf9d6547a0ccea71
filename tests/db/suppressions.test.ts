import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSuppressed, readSuppression, suppress } from '../../src/db/suppressions.ts';
import type { SuppressionReason } from '../../src/db/tables/outcomes.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());

async function reasonAfter(...reasons: SuppressionReason[]): Promise<string | undefined> {
  const addressHash = randomBytes(32);
  for (const reason of reasons) await suppress(database.db, { addressHash, reason, origin: 'webhook' });
  return (await readSuppression(database.db, addressHash))?.reason;
}

test('the first reason stays', async () => {
  expect(await reasonAfter('hard_bounce', 'soft_bounces', 'manual')).toBe('hard_bounce');
  expect(await reasonAfter('manual', 'hard_bounce')).toBe('manual');
  expect(await reasonAfter('erased', 'complaint')).toBe('erased');
});

test('but a complaint takes the place of a bounce, in whatever order they are heard of', async () => {
  expect(await reasonAfter('hard_bounce', 'complaint')).toBe('complaint');
  expect(await reasonAfter('soft_bounces', 'complaint')).toBe('complaint');
  expect(await reasonAfter('complaint', 'hard_bounce', 'complaint')).toBe('complaint');
});

test('only the hashes that are suppressed are found, and of none nobody is asked', async () => {
  const [one, other] = [randomBytes(32), randomBytes(32)];
  await suppress(database.db, { addressHash: one, reason: 'manual', origin: 'operator' });
  expect(await findSuppressed(database.db, [one, other])).toEqual(new Set([one.toString('hex')]));
  expect(await findSuppressed(database.db, [])).toEqual(new Set());
});

test('many at once about one address leave one row', async () => {
  const addressHash = randomBytes(32);
  const reasons = ['hard_bounce', 'complaint', 'hard_bounce', 'complaint'] as const;
  await Promise.all(
    reasons.map((reason) => suppress(database.db, { addressHash, reason, origin: 'webhook' })),
  );
  expect((await readSuppression(database.db, addressHash))?.reason).toBe('complaint');
});
