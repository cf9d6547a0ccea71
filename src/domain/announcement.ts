import { total } from './ledger.ts';

/** What became of an announcement's audience so far. It adds up as an edition's ledger does (RULES 19). */
export interface AnnouncementLedger {
  audience: number;
  pending: number;
  accepted: number;
  skipped: Record<string, number>;
  failed: Record<string, number>;
  unknown: number;
}

/** audience = accepted + skipped + failed + unknown, with nothing pending. */
export function isSettled(ledger: AnnouncementLedger): boolean {
  const settled = ledger.accepted + total(ledger.skipped) + total(ledger.failed) + ledger.unknown;
  return ledger.pending === 0 && ledger.audience === settled;
}

/** Of the requests that may leave, while digests wait and while none do. */
const shareBesideDigests = 0.25;
const shareAlone = 0.75;
/** A pause (of the sweep, or of all mail) is not made up for: at most so much time's worth at once. */
const sinceMsMax = 60_000;
/** Rows of one transaction, however fast mail may leave. */
const setMax = 20_000;

/**
 * How many notices of announcements may follow now. They go many to a request, as digests do, and a share of the rate is
 * theirs; those made before that still wait count against it, so they never pile up.
 * Of a capped day a quarter is theirs, because digests that the cap holds for too long are not mailed at all.
 */
export function announcementAllowance(pace: {
  /** Requests a second, and how many notices go into one. */
  perSecond: number;
  perRequest: number;
  /** Since the last set; undefined before the first. */
  sinceMs: number | undefined;
  waiting: number;
  digestsWait: boolean;
  /** Mails of a day, where the operator caps them, and how many notices of announcements were made today. */
  cap?: number | undefined;
  madeToday?: number;
}): number {
  const share = pace.digestsWait ? shareBesideDigests : shareAlone;
  const seconds = Math.max(0, Math.min(pace.sinceMs ?? sinceMsMax, sinceMsMax)) / 1000;
  const allowed = Math.floor(pace.perSecond * pace.perRequest * share * seconds);
  // However slow mail is, it goes on: one at a time, once nothing waits.
  const least = seconds * 1000 >= sinceMsMax ? 1 : 0;
  const ofTheDay =
    pace.cap === undefined ? Infinity : Math.ceil(pace.cap * shareBesideDigests) - (pace.madeToday ?? 0);
  return Math.max(0, Math.min(Math.max(allowed, least) - pace.waiting, setMax, ofTheDay));
}

/** How long so many notices take, in hours, while no digests go out beside them. */
export function expectedHours(notices: number, perSecond: number, perRequest: number): number {
  const anHour = Math.min(perSecond * perRequest * shareAlone * 3600, (setMax * 3_600_000) / sinceMsMax);
  return notices / anHour;
}
