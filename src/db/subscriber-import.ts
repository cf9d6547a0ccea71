import { type Kysely, sql, type Transaction } from 'kysely';
import { nextAfterChange, type Slot } from '../domain/cadence.ts';
import type { Database } from './schema.ts';
import { firstOccurrence, joinSlot } from './slots.ts';
import { readLastDigests } from './subscribers.ts';
import { findSuppressed } from './suppressions.ts';

/** One checked line of an import; undefined keeps what is stored. */
export interface ImportRow {
  address: string;
  addressHash: Buffer;
  topics: string[] | undefined;
  timeZone: string | undefined;
  sendHour: number | undefined;
  weekdays: number | undefined;
  maxPapers: number | undefined;
}

interface Known extends Slot {
  id: number;
  address: string;
  status: string;
  maxPapers: number;
}

interface Options {
  confirmed: boolean;
  topicIds: ReadonlyMap<string, number>;
  /** What newcomers have who do not say. */
  usual: Slot & { maxPapers: number };
  now: Date;
}

/** What those of these addresses asked for who have not confirmed yet. */
export async function readWaitingTopics(
  db: Kysely<Database>,
  addresses: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ address: string; wanted: string[] }>`
    select address, wanted_topics wanted from subscribers
    where address = any(${addresses}::text[]) and status = 'unconfirmed' and wanted_topics <> '{}'`.execute(
    db,
  );
  return new Map(rows.map(({ address, wanted }) => [address, wanted]));
}

/** Adds and updates subscribers in sets: a handful of statements for any number of rows with distinct addresses. */
export async function upsertSubscribers(trx: Transaction<Database>, rows: ImportRow[], options: Options) {
  const barred = await findSuppressed(
    trx,
    rows.map((row) => row.addressHash),
  );
  const known = await readKnown(trx, rows);
  const taken = rows.filter(
    (row) =>
      !barred.has(row.addressHash.toString('hex')) && known.get(row.address)?.status !== 'unsubscribed',
  );
  const planned = taken.map((row) => complete(row, known.get(row.address), options.usual));
  const slots = await enterSlots(trx, planned, options.now);
  const ids = await writeSubscribers(trx, planned, slots, options.confirmed);
  await writeFollows(trx, taken, ids, options.topicIds);
  const added = planned.filter(({ before }) => !before).length;
  return {
    added,
    updated: planned.length - added,
    suppressed: rows.length - taken.length,
    unconfirmed: planned
      .filter(({ before }) => !before || before.status === 'unconfirmed')
      .map(({ address }) => ({ id: ids.get(address)!, address })),
  };
}

interface Planned extends Slot {
  address: string;
  maxPapers: number;
  before: Known | undefined;
}

function complete(row: ImportRow, before: Known | undefined, usual: Options['usual']): Planned {
  const base = before ?? usual;
  return {
    address: row.address,
    timeZone: row.timeZone ?? base.timeZone,
    sendHour: row.sendHour ?? base.sendHour,
    weekdays: row.weekdays ?? base.weekdays,
    maxPapers: row.maxPapers ?? base.maxPapers,
    before,
  };
}

async function readKnown(trx: Transaction<Database>, rows: ImportRow[]): Promise<Map<string, Known>> {
  const found = await sql<Known>`
    select s.id, s.address, s.status, s.max_papers "maxPapers", l.time_zone "timeZone", l.send_hour "sendHour", l.weekdays
    from subscribers s join slots l on l.id = s.slot_id
    where s.address = any(${rows.map((row) => row.address)}::text[]) order by s.id for update of s`.execute(
    trx,
  );
  return new Map(found.rows.map((row) => [row.address, row]));
}

/**
 * The slot and start of each row: where nothing changed, they stay; newcomers share one look-up a slot; who moves
 * keeps the distance to their last digest (RULES 5).
 */
async function enterSlots(trx: Transaction<Database>, planned: Planned[], now: Date) {
  const shared = new Map<string, { slotId: number; notBefore: string }>();
  const entered = new Map<string, { slotId: number; notBefore: string }>();
  const movers = planned.filter(({ before, ...slot }) => before && !isSame(before, slot));
  const lasts = await readLastDigests(
    trx,
    movers.map(({ before }) => before!.id),
  );
  // In one order everywhere, since joining locks the slot: two imports at once wait for each other, not for ever.
  for (const row of planned.toSorted(bySlot)) {
    const { before } = row;
    if (before && isSame(before, row)) continue;
    const last = before && lasts.get(before.id);
    const name = `${row.timeZone} ${row.sendHour} ${row.weekdays}`;
    const known = last ? undefined : shared.get(name);
    const slot = known ?? (await enter(trx, row, now, last));
    if (!last) shared.set(name, slot);
    entered.set(row.address, slot);
  }
  return entered;
}

async function enter(
  trx: Transaction<Database>,
  slot: Slot,
  now: Date,
  last: { localDate: string; at: Date } | undefined,
) {
  const after = nextAfterChange(slot, now, last);
  return joinSlot(trx, slot, await firstOccurrence(trx, slot, after.at, last?.localDate));
}

async function writeSubscribers(
  trx: Transaction<Database>,
  planned: Planned[],
  slots: ReadonlyMap<string, { slotId: number; notBefore: string }>,
  confirmed: boolean,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: number; address: string }>`
    insert into subscribers as s (address, status, slot_id, not_before, max_papers, consent, confirmed_at)
    select address, ${confirmed ? 'active' : 'unconfirmed'}, coalesce(slot, (select slot_id from subscribers k
        where k.address = i.address)), not_before, papers, 'imported by the operator',
      case when ${confirmed} then now() end
    from unnest(${planned.map((row) => row.address)}::text[],
      ${planned.map((row) => slots.get(row.address)?.slotId ?? null)}::int[],
      ${planned.map((row) => slots.get(row.address)?.notBefore ?? null)}::date[],
      ${planned.map((row) => row.maxPapers)}::smallint[]) i(address, slot, not_before, papers)
    order by i.address
    on conflict (address) do update set slot_id = excluded.slot_id, max_papers = excluded.max_papers,
      not_before = coalesce(excluded.not_before, s.not_before),
      status = case when s.status = 'unconfirmed' and ${confirmed} then 'active' else s.status end,
      confirmed_at = coalesce(s.confirmed_at, excluded.confirmed_at)
    returning id, address
  `.execute(trx);
  return new Map(rows.map((row) => [row.address, row.id]));
}

/** Replaces the topics of rows that name some, and what they may have asked for before; the others keep theirs. */
async function writeFollows(
  trx: Transaction<Database>,
  rows: ImportRow[],
  ids: ReadonlyMap<string, number>,
  topicIds: ReadonlyMap<string, number>,
): Promise<void> {
  const pairs: [number, number][] = [];
  const replaced: number[] = [];
  for (const row of rows) {
    if (!row.topics) continue;
    const subscriberId = ids.get(row.address)!;
    replaced.push(subscriberId);
    for (const topic of row.topics) {
      const topicId = topicIds.get(topic);
      if (topicId !== undefined) pairs.push([subscriberId, topicId]);
    }
  }
  await sql`delete from follows where subscriber_id = any(${replaced}::int[])`.execute(trx);
  await sql`update subscribers set wanted_topics = '{}'
    where id = any(${replaced}::int[]) and wanted_topics <> '{}'`.execute(trx);
  await sql`insert into follows (subscriber_id, topic_id)
    select * from unnest(${pairs.map(([id]) => id)}::int[], ${pairs.map(([, topic]) => topic)}::int[])
    on conflict do nothing`.execute(trx);
}

function bySlot(a: Slot, b: Slot): number {
  return a.timeZone.localeCompare(b.timeZone, 'en') || a.sendHour - b.sendHour || a.weekdays - b.weekdays;
}

function isSame(a: Slot, b: Slot): boolean {
  return a.timeZone === b.timeZone && a.sendHour === b.sendHour && a.weekdays === b.weekdays;
}
