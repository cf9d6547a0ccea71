import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCounts, balances, type Ledger, total } from '../../src/domain/ledger.ts';

const count = fc.nat({ max: 10_000 });
const anySettled = fc.record({
  accepted: count,
  skipped: fc.record(
    { nothing_new: count, suppressed: count, unsubscribed: count, too_late: count },
    { requiredKeys: [] },
  ),
  failed: fc.record({ refused: count, policy: count, content: count }, { requiredKeys: [] }),
  unknown: count,
});

const ledgerOf = (settled: typeof anySettled extends fc.Arbitrary<infer T> ? T : never): Ledger => ({
  date: '2026-03-20',
  audience: settled.accepted + total(settled.skipped) + total(settled.failed) + settled.unknown,
  pending: 0,
  closed: false,
  ...settled,
});

test('a ledger balances when everyone of the audience is in exactly one column', () => {
  fc.assert(fc.property(anySettled, (settled) => balances(ledgerOf(settled))));
});

test('one reader more or fewer in any column, and it does not', () => {
  fc.assert(
    fc.property(anySettled, fc.constantFrom('audience', 'accepted', 'unknown'), (settled, column) => {
      const ledger = ledgerOf(settled);
      expect(balances({ ...ledger, [column]: ledger[column] + 1 })).toBe(false);
      expect(balances({ ...ledger, skipped: { ...ledger.skipped, too_late: -1 } })).toBe(false);
    }),
  );
});

test('nothing closes while anything is pending, even if the sums agree', () => {
  fc.assert(
    fc.property(anySettled, fc.integer({ min: 1, max: 100 }), (settled, pending) => {
      const ledger = ledgerOf(settled);
      expect(balances({ ...ledger, pending })).toBe(false);
      expect(balances({ ...ledger, pending, audience: ledger.audience + pending })).toBe(false);
    }),
  );
});

test('counts add up reason by reason, and reasons that never occurred stay away', () => {
  const counts: Record<string, number> = { suppressed: 2 };
  addCounts(counts, { suppressed: 1, nothing_new: 4, too_late: 0 });
  addCounts(counts, null);
  addCounts(counts, undefined);
  expect(counts).toEqual({ suppressed: 3, nothing_new: 4 });
  expect(total(counts)).toBe(7);
  expect(total({})).toBe(0);
});
