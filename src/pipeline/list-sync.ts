/**
 * Compares the provider's own suppression list with ours, once a day: what it knows and we don't is suppressed here, what
 * never belonged there is taken off. Page by page, each in a transaction; dies half-way, and the next time begins anew.
 */
import type { Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { claimListLook, settleListLook } from '../db/gates.ts';
import { findLifts, noteLifted } from '../db/lifts.ts';
import { findMailed } from '../db/mailed.ts';
import type { Database } from '../db/schema.ts';
import { findSuppressed, suppressAll } from '../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { type EntryVerdict, judgeEntry } from '../domain/list-entry.ts';
import type { ListEntry } from '../transport/suppression-list.ts';
import { inTurn } from './provider-list.ts';

/** Entries looked at, suppressed here, to be lifted there, and alike on both lists. */
export interface ListSynced {
  read: number;
  suppressed: number;
  lifted: number;
  agreed: number;
}

/** A list of a million entries; more than that is no list of bounces. */
const pagesMax = 10_000;
/** Entries this much older than those read last are read again: some were too young then. */
const overlapMs = 86_400_000;

/** The daily look, by whichever process comes first. A list that does not answer is asked again in an hour. */
export async function syncListDaily(ctx: Context): Promise<void> {
  if (!ctx.transport.suppressions) return;
  const { identity } = ctx.transport;
  const claim = await claimListLook(ctx.db, identity);
  if (!claim) return;
  const synced = await syncList(ctx, claim.readThrough);
  if (!synced) return;
  const { through, ...counts } = synced;
  await settleListLook(ctx.db, identity, through);
  if (counts.suppressed + counts.lifted > 0) ctx.log.info(counts, 'suppressions synced with the provider');
}

/** Compares every entry since the last look, or every one. Undefined where the list does not answer, or there is none. */
export async function syncList(
  ctx: Context,
  readThrough?: Date,
): Promise<(ListSynced & { through: Date | undefined }) | undefined> {
  const list = ctx.transport.suppressions;
  const total = { read: 0, suppressed: 0, lifted: 0, agreed: 0 };
  const sinceMs = readThrough ? readThrough.getTime() - overlapMs : -Infinity;
  let through: Date | undefined;
  let after: string | undefined;
  for (let pages = 0; list && pages < pagesMax; pages++) {
    const page = await inTurn(ctx, () => list.page(after));
    if (!page) return undefined;
    const fresh = page.entries.filter(({ at }) => at.getTime() >= sinceMs);
    through ??= page.entries[0]?.at;
    const counted = await ctx.db.transaction().execute((trx) => takePage(ctx, trx, fresh));
    for (const name of ['read', 'suppressed', 'lifted', 'agreed'] as const) total[name] += counted[name];
    after = page.entries.at(-1)?.id;
    if (!page.hasMore || after === undefined || fresh.length < page.entries.length)
      return { ...total, through };
  }
  return undefined;
}

async function takePage(
  ctx: Context,
  trx: Transaction<Database>,
  listed: readonly ListEntry[],
): Promise<ListSynced> {
  const entries = listed.flatMap((entry) => {
    const address = normaliseAddress(entry.address);
    return address ? [{ ...entry, address, hash: addressHash(ctx.config.suppressionKey, address) }] : [];
  });
  const verdicts = await judge(trx, entries);
  const suppressions = entries.flatMap(({ hash }, place) => {
    const verdict = verdicts[place]!;
    if (verdict === 'agreed' || verdict === 'lift' || verdict === 'later') return [];
    return [
      { addressHash: hash, reason: verdict, origin: 'transport' as const, detail: 'on the provider’s list' },
    ];
  });
  await suppressAll(trx, suppressions);
  const unjust = entries.filter((_, place) => verdicts[place] === 'lift').map(({ address }) => address);
  await noteLifted(trx, unjust, ctx.transport.identity);
  const agreed = verdicts.filter((verdict) => verdict === 'agreed').length;
  return { read: listed.length, suppressed: suppressions.length, lifted: unjust.length, agreed };
}

async function judge(
  trx: Transaction<Database>,
  entries: readonly (ListEntry & { hash: Buffer })[],
): Promise<EntryVerdict[]> {
  const suppressed = await findSuppressed(
    trx,
    entries.map(({ hash }) => hash),
  );
  const lifts = await findLifts(
    trx,
    entries.map(({ address }) => address),
  );
  const mailed = await findMailed(
    trx,
    entries.map(({ mailId }) => ({ emailId: mailId })),
  );
  const nowMs = Date.now();
  return entries.map(({ origin, address, hash, at }, place) =>
    judgeEntry(origin, {
      isSuppressed: suppressed.has(hash.toString('hex')),
      isLifted: lifts.has(address),
      bounceClass: mailed[place]?.bounceClass ?? undefined,
      ageMs: nowMs - at.getTime(),
    }),
  );
}
