import { sql } from 'kysely';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { addressHash } from '../../src/domain/address.ts';
import { digestTag } from '../../src/domain/digest.ts';
import type { ProviderReport } from './provider.ts';
import { insist, type Stage } from './stage.ts';

/** What the other end took, by tag: `d-<subscriber>-<yyyymmdd>` → how often. */
export type Taken = Map<string, number>;

/** Counts what the other end took since the last look, and lets it forget the mails, so that a long run stays small. */
export async function collect(stage: Stage, taken: Taken): Promise<void> {
  const pool = openPool(stage.cluster.providerUrl, { max: 1, applicationName: 'chaos count' });
  try {
    const rows = await insist(() =>
      openDatabase(pool)
        .transaction()
        .execute(async (trx) => {
          const found = await sql<{ tag: string; n: number }>`
            select tags->>'digest' tag, count(*)::int n from mailbox_messages group by 1`.execute(trx);
          await sql`delete from mailbox_messages`.execute(trx);
          return found.rows;
        }),
    );
    for (const { tag, n } of rows) taken.set(tag, (taken.get(tag) ?? 0) + n);
  } finally {
    await pool.end();
  }
}

export interface DateAccount {
  date: string;
  /** Mails taken beyond the first of a reader. */
  doubled: number;
  /** Readers who were due, got no mail, and stand in no column of the ledger. */
  lost: number;
  /** Mails taken of readers whom the ledger counts as skipped or failed. */
  surplus: number;
  taken: number;
}

interface Fate {
  id: number;
  fate: string;
}

/**
 * Compares what the other end took with what the rows say of each reader. `mayBeOut` are the readers who left at some
 * time: they need no reason to have got nothing.
 */
export async function account(
  stage: Stage,
  date: string,
  taken: Taken,
  mayBeOut: ReadonlySet<number>,
): Promise<DateAccount> {
  const { rows } = await sql<Fate>`
    select d.subscriber_id id, coalesce(d.skipped, case when b.dropped ? d.position::text then 'dropped'
      when b.refused ? d.position::text then 'refused' else b.state end, 'no batch') fate
    from digests d left join batches b on coalesce(b.origin_id, b.id) = d.batch_id
      and d.position = any(b.positions) and b.state <> 'split'
    where d.local_date = ${date}`.execute(stage.ctx.db);
  const fates = new Map(rows.map(({ id, fate }) => [id, fate]));
  const result: DateAccount = { date, doubled: 0, lost: 0, surplus: 0, taken: 0 };
  for (const { id } of stage.readers) {
    const times = taken.get(digestTag(id, date)) ?? 0;
    const fate = fates.get(id);
    result.taken += times;
    if (times > 1) result.doubled += times - 1;
    if (times > 0 && fate !== 'accepted' && fate !== 'unknown') result.surplus += 1;
    const isExplained =
      fate === undefined ? mayBeOut.has(id) : !['accepted', 'composed', 'frozen', 'no batch'].includes(fate);
    if (times === 0 && !isExplained) result.lost += 1;
  }
  return result;
}

/** Requests whose bytes were not those that their batch was frozen with. */
export async function countChangedBytes(stage: Stage, report: ProviderReport): Promise<number> {
  const { rows } = await sql<{ key: string; hex: string }>`
    select key, encode(body_hash, 'hex') hex from batches where key is not null`.execute(stage.ctx.db);
  const frozen = new Map(rows.map(({ key, hex }) => [key, hex]));
  const other = report.bodies.filter(([key, hex]) => frozen.has(key) && frozen.get(key) !== hex);
  return new Set([...other.map(([key]) => key), ...report.changed]).size;
}

/** Reports of the other end that the rows do not show, or show otherwise than the earliest report says. */
export async function countWrongOutcomes(stage: Stage, report: ProviderReport): Promise<number> {
  const { rows } = await sql<{ id: number; date: string; delivered: Date; bounced: Date; class: string }>`
    select subscriber_id id, local_date date, delivered_at delivered, bounced_at bounced, bounce_class class
    from digests where delivered_at is not null or bounced_at is not null`.execute(stage.ctx.db);
  const shown = new Map(rows.map((row) => [digestTag(row.id, row.date), row]));
  const suppressions = await stage.ctx.db.selectFrom('suppressions').select('address_hash').execute();
  const suppressed = new Set(suppressions.map((row) => row.address_hash.toString('hex')));
  const addresses = new Map(stage.readers.map(({ id, address }) => [id, address]));
  let wrong = 0;
  for (const [tag, kind, at] of report.outcomes) {
    const row = shown.get(tag);
    const moment = kind === 'delivered' ? row?.delivered : row?.class === kind ? row.bounced : undefined;
    if (moment?.toISOString() !== at) wrong += 1;
    const address = addresses.get(Number(tag.split('-')[1]))!;
    const hash = addressHash(stage.ctx.config.suppressionKey, address).toString('hex');
    if (kind === 'hard' && !suppressed.has(hash)) wrong += 1;
  }
  return wrong;
}
