import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';

/**
 * A deliberately naive edition to hold the real one against: no index, no heap, no slots. It asks every reader at every
 * quarter of an hour, and for every paper of a digest looks at everything that their topics match again.
 */
export interface NaiveReader {
  address: string;
  timeZone: string;
  sendHour: number;
  weekdays: string;
  maxPapers: number;
  topics: string;
}

export interface NaiveWorld {
  /** What each topic matches, and how well it stands today before anything is chosen. */
  matches: Map<number, { paper: NaivePaper; score: number }[]>;
  followed: Map<string, number[]>;
}

interface NaivePaper {
  key: string;
  id: number;
  votes: number;
  firstListedOn: string;
  /** The words of the title, if there are more than three. */
  longTitle: string;
  authors: string[];
  organization: string | null;
  /** Votes as they were counted, oldest first. */
  counted: { at: string; votes: number }[];
}

const quarterMs = 15 * 60_000;
const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Who is due after `from` and up to `to`, by asking the clock on their wall. */
export function dueBetween(readers: readonly NaiveReader[], from: Date, to: Date) {
  const due: { reader: NaiveReader; localDate: string }[] = [];
  const zones = [...new Set(readers.map(({ timeZone }) => timeZone))];
  for (let at = Math.floor(from.getTime() / quarterMs + 1) * quarterMs; at <= to.getTime(); at += quarterMs) {
    const walls = new Map(zones.map((zone) => [zone, onTheWall(zone, new Date(at))]));
    for (const reader of readers) {
      const wall = walls.get(reader.timeZone)!;
      if (wall.time !== `${String(reader.sendHour).padStart(2, '0')}:00`) continue;
      if (isWanted(reader.weekdays, wall.weekday)) due.push({ reader, localDate: wall.date });
    }
  }
  return due;
}

/** Everything a digest made at `now` may draw on, read row by row. */
export async function readNaiveWorld(ctx: Context, now: Date): Promise<NaiveWorld> {
  const today = now.toISOString().slice(0, 10);
  const papers = await sql<NaivePaper & { title: string }>`
    select p.key, p.id, p.votes, p.first_listed_on "firstListedOn", p.title, p.authors, p.organization,
      coalesce((select json_agg(json_build_object('at', s.captured_at, 'votes', s.votes) order by s.captured_at)
        from snapshots s where s.paper_id = p.id), '[]') counted
    from papers p
    where exists (select 1 from listings l where l.paper_id = p.id and l.listed_on < ${today})`.execute(
    ctx.db,
  );
  const young = papers.rows
    .filter(({ firstListedOn }) => Date.parse(today) - Date.parse(firstListedOn) <= 14 * dayMs)
    .map((paper) => ({ ...paper, longTitle: longTitleOf(paper.title) }));
  const matched = await sql<{ topicId: number; paperId: number; relevance: number }>`
    select topic_id "topicId", paper_id "paperId", relevance::float8 relevance from matches`.execute(ctx.db);
  const follows = await sql<{ address: string; topics: number[] }>`
    select s.address, array_agg(f.topic_id) topics from subscribers s join follows f on f.subscriber_id = s.id
    group by s.address`.execute(ctx.db);
  const matches: NaiveWorld['matches'] = new Map();
  for (const { topicId, paperId, relevance } of matched.rows) {
    const paper = young.find(({ id }) => id === paperId);
    if (!matches.has(topicId)) matches.set(topicId, []);
    if (paper) matches.get(topicId)!.push({ paper, score: naiveScore(paper, relevance, today) });
  }
  return { matches, followed: new Map(follows.rows.map((row) => [row.address, row.topics])) };
}

/** The keys of a reader's papers on a date, best first; undefined when they have that date's digest already. */
export function naiveSelection(
  world: NaiveWorld,
  reader: NaiveReader,
  localDate: string,
  mailed: ReadonlyMap<string, string[]>,
): string[] | undefined {
  if (mailed.has(`${reader.address} ${localDate}`)) return undefined;
  const seen = new Set<string>();
  for (let back = 1; back <= 16; back++) {
    const date = new Date(Date.parse(localDate) - back * dayMs).toISOString().slice(0, 10);
    for (const key of mailed.get(`${reader.address} ${date}`) ?? []) seen.add(key);
  }
  const topics = world.followed.get(reader.address) ?? [];
  const unseen = topics.flatMap((topic) =>
    (world.matches.get(topic) ?? [])
      .filter(({ paper }) => !seen.has(paper.key))
      .map(({ paper, score }) => ({ paper, topic, score })),
  );
  const chosen: { paper: NaivePaper; topic: number }[] = [];
  // First with an eye on who made them, then whatever is left.
  for (const isHolding of [true, false]) {
    while (chosen.length < reader.maxPapers) {
      let best: { paper: NaivePaper; id: number; topic: number; score: number } | undefined;
      for (const { paper, topic, score: alone } of unseen) {
        const times = chosen.filter((one) => one.topic === topic).length;
        const score = alone * naiveSpread(times);
        if (best && !isBetter({ score, id: paper.id, topic }, best)) continue;
        if (chosen.some((one) => one.paper === paper || areTwins(one.paper, paper))) continue;
        if (isHolding && isTooMuch(paper, chosen, reader.maxPapers)) continue;
        best = { paper, id: paper.id, topic, score };
      }
      if (!best) break;
      chosen.push(best);
    }
  }
  return chosen.map(({ paper }) => paper.key);
}

/** Two papers of one author or two fifths of one organisation are enough. */
function isTooMuch(paper: NaivePaper, chosen: readonly { paper: NaivePaper }[], amount: number): boolean {
  const makers = (one: NaivePaper) => [one.authors[0], one.authors.at(-1)];
  const byAuthor = makers(paper).some(
    (author) =>
      author !== undefined && chosen.filter((one) => makers(one.paper).includes(author)).length >= 2,
  );
  const ofOrganization = chosen.filter((one) => one.paper.organization === paper.organization).length;
  return byAuthor || (paper.organization !== null && ofOrganization >= Math.max(2, Math.ceil(amount * 0.4)));
}

/** Two papers with the same long title. (Recorded days have no other twins; those are tested on their own.) */
function areTwins(a: NaivePaper, b: NaivePaper): boolean {
  return a.longTitle !== '' && a.longTitle === b.longTitle;
}

function longTitleOf(title: string): string {
  const words = title
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return words.length > 3 ? words.join(' ') : '';
}

type Scored = { score: number; id: number; topic: number };

/** Higher score, then the older paper, then the older topic. */
function isBetter(a: Scored, b: Scored): boolean {
  if (a.score !== b.score) return a.score > b.score;
  return a.id !== b.id ? a.id < b.id : a.topic < b.topic;
}

/** Relevance × trend × freshness, written out from what the documentation says. */
function naiveScore(paper: NaivePaper, relevance: number, today: string): number {
  const age = Math.max(0, Math.round((Date.parse(today) - Date.parse(paper.firstListedOn)) / dayMs) - 1);
  const allVotes = paper.votes / (4 + 4 * Math.min(age, 5));
  const lately = votesPerDay(paper, Date.parse(today) + dayMs);
  const heat = lately === undefined ? allVotes : 0.4 * allVotes + (0.6 * Math.max(0, lately)) / 4;
  return relevance * (1 + 0.45 * Math.log2(1 + heat)) * 0.94 ** age;
}

/** What came in since two days before the end of today, or since the first count. */
function votesPerDay({ counted }: NaivePaper, end: number): number | undefined {
  const known = counted.filter(({ at }) => Date.parse(at) < end);
  if (known.length < 2) return undefined;
  const old = known.filter(({ at }) => Date.parse(at) <= end - 2 * dayMs);
  const from = old.at(-1) ?? known[0]!;
  return (known.at(-1)!.votes - from.votes) / Math.max(0.25, (end - Date.parse(from.at)) / dayMs);
}

function naiveSpread(timesTaken: number): number {
  let weight = 1;
  for (let n = 0; n < timesTaken; n++) weight *= 0.75;
  return weight;
}

function onTheWall(timeZone: string, at: Date): { date: string; time: string; weekday: number } {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  return { date, time: `${parts['hour']}:${parts['minute']}`, weekday };
}

function isWanted(weekdays: string, weekday: number): boolean {
  if (weekdays === '') return true;
  if (weekdays === '1-5') return weekday <= 5;
  return weekdays.split(',').includes(String(weekday));
}
