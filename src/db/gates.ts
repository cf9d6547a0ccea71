import { type Kysely, type RawBuilder, sql } from 'kysely';
import { flowsOf } from './batches.ts';
import { prepared } from './prepared.ts';
import type { Database } from './schema.ts';
import { hasMoved, movedReason } from './server-identity.ts';

/** Requests a second where the answers name no limit and the operator set none. */
export const defaultPerSecond = 10;
/** Spacing a little wider than the limit: what differs on the way must not put an eleventh request into a second. */
const headroom = 0.985;
/** Places that may move among themselves; with more, a pause would be followed by a longer burst. */
const placesKept = 10;

export interface GateState {
  haltedAt: Date | null;
  parkedUntil: Date | null;
  reason: string | null;
  /** What the answers named last. */
  perSecond: number | null;
  /** Halted because the database was restored or moved: `edition handled` ends that, and nothing else. */
  hasMoved: boolean;
}

/** `offset 0` has the server's identity, which is read from a file, asked for once and not at each use. */
const here = sql`(select moved_at, ${hasMoved} moved from installation offset 0) here`;
/** A `GateState` out of `here` and the columns of a gate's row. */
const state = sql`case when moved then coalesce(moved_at, now()) else halted_at end "haltedAt",
  case when parked_until > now() then parked_until end "parkedUntil",
  case when moved then ${movedReason} else reason end reason, per_second "perSecond", moved "hasMoved"`;

/** Whether mail may leave through this transport at all, by the database's clock. */
export async function readGate(db: Kysely<Database>, transport: string): Promise<GateState> {
  const { rows } = await sql<GateState>`
    ${prepared} select ${state} from ${here} left join gates on transport = ${transport}`.execute(db);
  return rows[0]!;
}

/** The same as a condition, for a statement that does something only while mail may leave. */
export function mailMayLeave(transport: string): RawBuilder<boolean> {
  return sql<boolean>`(select not moved from ${here}) and not exists (select 1 from gates
    where transport = ${transport} and (halted_at is not null or parked_until > now()))`;
}

/** A place in the line: how long to wait for it, and its moment as the row holds it. */
export interface Place {
  waitMs: number;
  at: string;
}

/** What holds for whoever need not wait for the place: asked in the same breath. */
export interface TakenPlace extends Place {
  gate: GateState;
  /** Whether nothing holds the edition of the batch back; true where no batch is named. */
  isFlowing: boolean;
}

/**
 * Takes the next place in the one line that all processes stand in, and gives the milliseconds to wait for it
 * (RULES 14). One statement moves the row forward, so two requests never get the same place.
 *
 * Ten places and the one after them span as long as ten should, headroom and all, so that no second sees more than the limit.
 * Within that, places may follow one another at half their distance: where one comes late, those behind it catch up, and
 * little of the limit is lost.
 */
export async function takeTurn(
  db: Kysely<Database>,
  transport: string,
  configuredPerSecond: number | undefined,
  batchId?: number,
): Promise<TakenPlace> {
  const configured = sql`${configuredPerSecond ?? null}::float8`;
  const limit = sql`least(g.per_second, ${configured},
    case when g.per_second is null and ${configured} is null then ${defaultPerSecond}::float8 end)`;
  const distance = sql`make_interval(secs => 1 / (${headroom}::float8 * ${limit}))`;
  const together = sql`greatest(1, least(${placesKept}::int, floor(${limit})))::int`;
  // Not the clock's: it would tell two times, and both columns need the same.
  const slot = sql`greatest(statement_timestamp(), g.next_slot_at + ${distance} / least(2, ${together}),
    g.places[cardinality(g.places) + 1 - ${together}] + ${distance} * ${together})`;
  const { rows } = await sql<Place & GateState & { isFlowing: boolean }>`
    ${prepared} with taken as (
      insert into gates as g (transport, next_slot_at, places)
      values (${transport}, statement_timestamp(), array[statement_timestamp()])
      on conflict (transport) do update set next_slot_at = ${slot},
        places = (g.places || ${slot})[greatest(1, cardinality(g.places) + 2 - ${placesKept}::int):]
      returning *
    )
    select greatest(0, ceil(extract(epoch from next_slot_at - clock_timestamp()) * 1000))::int "waitMs",
      next_slot_at::text "at", ${state}, ${batchId === undefined ? sql`true` : flowsOf(batchId)} "isFlowing"
    from taken, ${here}`.execute(db);
  const { waitMs, at, isFlowing, ...gate } = rows[0]!;
  return { waitMs, at, isFlowing, gate };
}

/** Whoever left after their place's moment says so: a second is counted from when they left. */
export async function leftLate(
  db: Kysely<Database>,
  transport: string,
  place: Place,
  lateMs: number,
): Promise<void> {
  const at = sql`${place.at}::timestamptz`;
  await sql`update gates set places = array_replace(places, ${at}, ${at} + make_interval(secs => ${lateMs / 1000}::float8))
    where transport = ${transport}`.execute(db);
}

/** Requests a second that may leave: what the answers name, what the operator set, or the usual. */
export async function readPerSecond(
  db: Kysely<Database>,
  transport: string,
  configuredPerSecond: number | undefined,
): Promise<number> {
  const row = await db
    .selectFrom('gates')
    .select('per_second')
    .where('transport', '=', transport)
    .executeTakeFirst();
  return limitOf(row?.per_second, configuredPerSecond);
}

/** The same, out of what the answers named and what the operator set. */
export function limitOf(named: number | null | undefined, configured: number | undefined): number {
  const known = [named, configured].filter((limit) => limit != null);
  return known.length > 0 ? Math.min(...known) : defaultPerSecond;
}

/** Remembers the limit that the answers name, when it changed. */
export async function learnLimit(db: Kysely<Database>, transport: string, perSecond: number): Promise<void> {
  await sql`update gates set per_second = ${perSecond}
    where transport = ${transport} and per_second is distinct from ${perSecond}::real`.execute(db);
}

/** Everyone waits at least this long: an answer said so. */
export async function holdGate(db: Kysely<Database>, transport: string, holdMs: number): Promise<void> {
  await sql`update gates set next_slot_at = greatest(next_slot_at,
    clock_timestamp() + make_interval(secs => ${holdMs / 1000}::float8)) where transport = ${transport}`.execute(
    db,
  );
}

/** Nothing leaves until a quota resets. */
export async function parkGate(
  db: Kysely<Database>,
  transport: string,
  until: Date,
  reason: string,
): Promise<void> {
  await sql`update gates set parked_until = ${until}, reason = ${reason} where transport = ${transport}`.execute(
    db,
  );
}

/** Nothing leaves until the operator acts. True for the one who halted it, so that it is said once. */
export async function haltGate(db: Kysely<Database>, transport: string, reason: string): Promise<boolean> {
  const result = await sql`update gates set halted_at = now(), reason = ${reason}
    where transport = ${transport} and halted_at is null`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** The operator acted: mail may leave again. */
export async function reopenGate(db: Kysely<Database>, transport: string): Promise<boolean> {
  const result = await sql`update gates set halted_at = null, parked_until = null, reason = null
    where transport = ${transport} and (halted_at is not null or parked_until is not null)`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

const listLookEveryHours = 24;
const listLookAgainHours = 1;

/** Takes the daily look through the transport's own suppression list, when it is due; undefined when it is not, or another has it. */
export async function claimListLook(
  db: Kysely<Database>,
  transport: string,
): Promise<{ readThrough: Date | undefined } | undefined> {
  const { rows } = await sql<{ readThrough: Date | null }>`
    update gates set list_look_at = now() + make_interval(hours => ${listLookAgainHours})
    where transport = ${transport} and (list_look_at is null or list_look_at <= now())
    returning list_read_through "readThrough"`.execute(db);
  return rows[0] && { readThrough: rows[0].readThrough ?? undefined };
}

/** Notes that the list was read up to its newest entry; an empty one has none. */
export async function settleListLook(
  db: Kysely<Database>,
  transport: string,
  through: Date | undefined,
): Promise<void> {
  await sql`update gates set list_read_through = coalesce(${through ?? null}, list_read_through),
      list_look_at = now() + make_interval(hours => ${listLookEveryHours})
    where transport = ${transport}`.execute(db);
}
