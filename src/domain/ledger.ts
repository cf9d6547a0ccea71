/** What became of an edition's audience. `DESIGN` section 6 fixes the names. */
export interface Ledger {
  date: string;
  audience: number;
  pending: number;
  accepted: number;
  skipped: Partial<Record<SkipReason, number>>;
  failed: Partial<Record<FailureReason, number>>;
  unknown: number;
  closed: boolean;
}

export type SkipReason = 'nothing_new' | 'suppressed' | 'unsubscribed' | 'too_late';
export type FailureReason = 'refused' | 'policy' | 'content';

/** audience = accepted + skipped + failed + unknown, with nothing pending: only then may an edition close (RULES 19). */
export function balances(ledger: Ledger): boolean {
  const settled = ledger.accepted + total(ledger.skipped) + total(ledger.failed) + ledger.unknown;
  return ledger.pending === 0 && ledger.audience === settled;
}

export function total(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** Adds the counts of `more` to `counts`. */
export function addCounts(
  counts: Record<string, number>,
  more: Partial<Record<string, number>> | null | undefined,
): void {
  for (const [reason, count] of Object.entries(more ?? {})) {
    if (count) counts[reason] = (counts[reason] ?? 0) + count;
  }
}
