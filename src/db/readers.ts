import { type Kysely, sql } from 'kysely';
import { tasteWeight } from '../domain/ranking.ts';
import { integerArray } from './integers.ts';
import type { Database } from './schema.ts';
import type { SubscriberStatus } from './tables/subscribers.ts';
import type { OpenRange } from './ranges.ts';

/** A subscriber as compose sees them: what they follow, how much they want, and what taste has taught. */
export interface Reader {
  id: number;
  address: string;
  addressVersion: number;
  status: SubscriberStatus;
  maxPapers: number;
  slotId: number;
  timeZone: string;
  sendHour: number;
  weekdays: number;
  topics: { topicId: number; name: string; weight: number }[];
  /** Topics of which no paper may come, whatever else it matches. */
  muted: number[];
  /** Papers they asked to see less of: these never come. */
  refused: number[];
  /** What taste makes of each topic that any judged paper belongs to. */
  taste: ReadonlyMap<number, number>;
  /** The papers judged last, newest first. */
  judged: { more: readonly number[]; less: readonly number[] };
  titlesOnly: boolean;
  isTextOnly: boolean;
  /** A day without papers brings a short note instead of nothing. */
  wantsNote: boolean;
}

type ReaderRow = Omit<Reader, 'topics' | 'muted' | 'refused' | 'taste' | 'judged'>;

/**
 * The subscribers of a range, in order of id: those active, and those who left after it was planned (they are in
 * its audience and get a row that says so).
 */
export async function readRangeReaders(db: Kysely<Database>, range: OpenRange): Promise<Reader[]> {
  return readReaders(
    db,
    sql`s.id between ${range.fromId} and ${range.toId} and s.slot_id = any(${range.slotIds}::int[])
      and (s.status = 'active' or s.status = 'unsubscribed'
          and s.unsubscribed_at >= (select created_at from ranges where id = ${range.id}))
      and s.address is not null
      and (s.not_before is null or s.not_before <= ${range.editionDate})
      and (s.snoozed_until is null or s.snoozed_until <= ${range.editionDate})`,
  );
}

/** One subscriber, whatever their status, as long as they have an address. */
export async function readReader(db: Kysely<Database>, subscriberId: number): Promise<Reader | undefined> {
  return (await readSubscribers(db, [subscriberId])).get(subscriberId);
}

/** Subscribers by their numbers, whatever their status, as long as they have an address. */
export async function readSubscribers(
  db: Kysely<Database>,
  subscriberIds: readonly number[],
): Promise<Map<number, Reader>> {
  const readers = await readReaders(
    db,
    sql`s.id = any(${integerArray(subscriberIds)}::int[]) and s.address is not null`,
  );
  return new Map(readers.map((reader) => [reader.id, reader]));
}

async function readReaders(db: Kysely<Database>, where: ReturnType<typeof sql>): Promise<Reader[]> {
  const { rows } = await sql<ReaderRow>`
    select s.id, s.address, s.address_version "addressVersion", s.status, s.max_papers "maxPapers", s.slot_id "slotId",
      l.time_zone "timeZone", l.send_hour "sendHour", l.weekdays, s.layout = 'titles' "titlesOnly",
      s.text_only "isTextOnly", s.empty_days = 'note' "wantsNote"
    from subscribers s join slots l on l.id = s.slot_id where ${where} order by s.id
  `.execute(db);
  const ids = rows.map((row) => row.id);
  const follows = await readFollows(db, ids);
  const tastes = await readTastes(db, ids);
  return rows.map((row) => {
    const { weights, refused, judged } = tastes.get(row.id) ?? noTaste;
    const topics: Reader['topics'] = [];
    const muted: number[] = [];
    for (const { topic, mode } of follows.get(row.id) ?? []) {
      const { id, name } = topic;
      if (mode === 'mute') muted.push(id);
      else topics.push({ topicId: id, name, weight: weightOf(weights, id, mode === 'more') });
    }
    // Named one by one: out of `...row` Node 20 makes each object a shape of its own, and looks up its properties anew.
    return {
      id: row.id,
      address: row.address,
      addressVersion: row.addressVersion,
      status: row.status,
      maxPapers: row.maxPapers,
      slotId: row.slotId,
      timeZone: row.timeZone,
      sendHour: row.sendHour,
      weekdays: row.weekdays,
      titlesOnly: row.titlesOnly,
      isTextOnly: row.isTextOnly,
      wantsNote: row.wantsNote,
      topics,
      muted,
      refused,
      taste: weights,
      judged,
    };
  });
}

interface Named {
  id: number;
  name: string;
  /** Its place among the topics that these readers follow, by name. */
  place: number;
}

interface Follow {
  topic: Named;
  mode: 'follow' | 'more' | 'mute';
}

/** What subscribers follow and mute, in the order of names. A name is read once, however many follow it. */
async function readFollows(db: Kysely<Database>, subscriberIds: number[]): Promise<Map<number, Follow[]>> {
  const { rows } = await sql<{ all: FollowLists[] | null }>`
    select json_agg(json_build_array(id, follow, more, mute)) "all" from (select subscriber_id id,
      array_agg(topic_id) filter (where mode = 'follow') follow,
      array_agg(topic_id) filter (where mode = 'more') more, array_agg(topic_id) filter (where mode = 'mute') mute
    from follows where subscriber_id = any(${integerArray(subscriberIds)}::int[]) group by subscriber_id) own
  `.execute(db);
  const lists = rows[0]?.all ?? [];
  const named = await readNames(db, lists);
  return new Map(
    lists.map(([id, follow, more, mute]) => {
      const own: Follow[] = [];
      addFollows(own, named, follow, 'follow');
      addFollows(own, named, more, 'more');
      addFollows(own, named, mute, 'mute');
      return [id, own];
    }),
  );
}

/** A subscriber, and the topics that they follow, want more of, and mute. All of them come as one text, which is read faster than rows. */
type FollowLists = [id: number, follow: number[] | null, more: number[] | null, mute: number[] | null];

/** The topics in these lists, by id. */
async function readNames(db: Kysely<Database>, lists: readonly FollowLists[]): Promise<Map<number, Named>> {
  const ids = new Set<number>();
  for (const [, ...own] of lists) for (const some of own) for (const id of some ?? []) ids.add(id);
  const { rows } = await sql<{ all: [id: number, name: string][] | null }>`
    select json_agg(json_build_array(id, name) order by name, id) "all" from topics
    where id = any(${integerArray(ids)}::int[])`.execute(db);
  return new Map((rows[0]?.all ?? []).map(([id, name], place) => [id, { id, name, place }]));
}

function addFollows(
  own: Follow[],
  named: ReadonlyMap<number, Named>,
  topicIds: readonly number[] | null,
  mode: Follow['mode'],
): void {
  for (const topicId of topicIds ?? []) {
    // One that was dropped meanwhile, because nobody follows it any more, is not there.
    const topic = named.get(topicId);
    if (topic) insertByPlace(own, { topic, mode });
  }
}

/** Most follow a handful: there a sort takes several times as long. */
function insertByPlace(own: Follow[], follow: Follow): void {
  let at = own.length;
  for (; at > 0 && own[at - 1]!.topic.place > follow.topic.place; at--) own[at] = own[at - 1]!;
  own[at] = follow;
}

/** How much a followed topic counts: what taste says, and more where the reader wants more of it. */
export function weightOf(taste: ReadonlyMap<number, number>, topicId: number, isMore: boolean): number {
  return (taste.get(topicId) ?? 1) * (isMore ? moreWeight : 1);
}

/** What following a topic with "more" adds. */
export const moreWeight = 1.3;

/** Taste is learned from the last so many likes, and as many refusals: it moves on with the reader. */
const judgedMax = 50;

interface Taste {
  weights: Map<number, number>;
  refused: number[];
  judged: Reader['judged'];
}

const noTaste: Taste = { weights: new Map(), refused: [], judged: { more: [], less: [] } };

/** Papers judged, counted by topic, and those refused. */
interface Judgements {
  more: Map<number, number>;
  less: Map<number, number>;
  liked: number[];
  refused: number[];
}

/** Taste by subscriber: topic weights from the topics of the papers they judged, and the papers they refused. */
async function readTastes(db: Kysely<Database>, subscriberIds: number[]): Promise<Map<number, Taste>> {
  const { rows } = await sql<{ id: number; paper: number; says: 'more' | 'less'; topics: number[] }>`
    select t.subscriber_id id, t.paper_id paper, t.says,
      coalesce((select array_agg(m.topic_id) from matches m where m.paper_id = t.paper_id), '{}') topics
    from tastes t where t.subscriber_id = any(${integerArray(subscriberIds)}::int[])
    order by t.created_at desc, t.paper_id desc
  `.execute(db);
  const counts = new Map<number, Judgements>();
  for (const row of rows) {
    const count: Judgements = counts.get(row.id) ?? {
      more: new Map(),
      less: new Map(),
      liked: [],
      refused: [],
    };
    counts.set(row.id, count);
    for (const topic of row.topics) count[row.says].set(topic, (count[row.says].get(topic) ?? 0) + 1);
    (row.says === 'less' ? count.refused : count.liked).push(row.paper);
  }
  return new Map([...counts].map(([id, count]) => [id, toTaste(count)]));
}

function toTaste(count: Judgements): Taste {
  const weights = new Map<number, number>();
  for (const topic of new Set([...count.more.keys(), ...count.less.keys()])) {
    weights.set(topic, tasteWeight(count.more.get(topic) ?? 0, count.less.get(topic) ?? 0));
  }
  const judged = { more: count.liked.slice(0, judgedMax), less: count.refused.slice(0, judgedMax) };
  return { weights, refused: count.refused, judged };
}
