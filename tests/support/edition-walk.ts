import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { listLedgers } from '../../src/db/ledger.ts';
import { balances } from '../../src/domain/ledger.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { importSubscribers } from '../../src/pipeline/import.ts';
import { ingestFile } from '../../src/pipeline/ingest.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { startWorkers, type Workers } from '../../workers/all.ts';
import type { TestContext } from './context.ts';
import {
  dueBetween,
  naiveSelection,
  type NaiveReader,
  type NaiveWorld,
  readNaiveWorld,
} from './naive-edition.ts';
import { recordedData } from './recorded.ts';

// Readers around the world over days of recorded papers, with the workers at work, held against the naive edition.

const zones = [
  'UTC',
  'Europe/Paris',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Sydney',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];
const wishes = [
  'language-models',
  'robotics;video-generation',
  'reasoning;agents;reinforcement-learning',
  'diffusion transformer;3d-vision',
  '"gaussian splatting";world-models;robotics',
  'benchmarks;safety;interpretability;surveys;code',
  'zzz nothing matches this',
  'speech-and-audio',
];
export const hourMs = 3_600_000;
/** The pace is not what this is about; its own tests hold it. */
export const env = { MAIL_RATE_PER_SECOND: '1000' };

/** The same readers in every run: zones, hours, days, amounts and topics follow from the number alone. */
export async function importReaders(
  ctx: TestContext,
  count: number,
  hours: (n: number) => number,
): Promise<NaiveReader[]> {
  const readers = Array.from({ length: count }, (_, n) => ({
    address: `reader${n}@uni.test`,
    timeZone: zones[n % zones.length]!,
    sendHour: hours(n),
    weekdays: n % 7 === 3 ? '1-5' : n % 11 === 5 ? '2,4,7' : '',
    maxPapers: 1 + (n % 9),
    topics: wishes[(n * 5) % wishes.length]!,
  }));
  const lines = readers.map((reader) =>
    JSON.stringify({
      email: reader.address,
      topics: reader.topics,
      time_zone: reader.timeZone,
      send_hour: reader.sendHour,
      weekdays: reader.weekdays,
      max_papers: reader.maxPapers,
    }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-edition-'));
  const file = join(folder, 'readers.jsonl');
  await writeFile(file, lines.join('\n'));
  const { added, rejected } = await importSubscribers(ctx, file, { confirmed: true });
  await rm(folder, { recursive: true });
  expect({ added, rejected }).toEqual({ added: count, rejected: [] });
  return readers;
}

export function tenRecordedDays(): { day: string; file: string }[] {
  const days = join(recordedData!, 'hf-daily-papers/raw');
  return readdirSync(days)
    .toSorted()
    .slice(0, 10)
    .map((name) => ({ day: name.slice(0, 10), file: join(days, name) }));
}

/** Walks the business clock hour by hour, each day's list coming in half an hour after its day ended. */
export async function walk(
  contexts: TestContext[],
  readers: NaiveReader[],
  days: { day: string; file: string }[],
  span: { from: string; hours: number },
  { expected = new Map<string, string[]>(), meanwhile = async (_hour: number) => {} } = {},
): Promise<Map<string, string[]>> {
  const [ctx] = contexts as [TestContext];
  const workers: Workers[] = contexts.map((each) => startWorkers(each, { ingests: false }));
  let world: NaiveWorld | undefined;
  try {
    for (let hour = 1; hour <= span.hours; hour++) {
      const now = new Date(Date.parse(span.from) + hour * hourMs);
      for (const each of contexts) each.setNow(now.toISOString());
      if (now.getUTCHours() === 0) world = undefined;
      for (const { day, file } of days) {
        if (Date.parse(day) + 25 * hourMs !== now.getTime()) continue;
        await ingestFile(ctx, file);
        world = undefined;
      }
      // The import happens at the very first moment, so whoever is due then is due.
      const since = now.getTime() - hourMs - (hour === 1 ? 1 : 0);
      const due = dueBetween(readers, new Date(since), now);
      world ??= await readNaiveWorld(ctx, now);
      for (const { reader, localDate } of due) {
        const papers = naiveSelection(world, reader, localDate, expected);
        if (papers) expected.set(`${reader.address} ${localDate}`, papers);
      }
      await meanwhile(hour);
      const planned = await Promise.all(contexts.map((each) => plan(each)));
      await drain(
        ctx,
        planned.flatMap(({ dates }) => dates),
      );
      await sweep(ctx);
    }
  } finally {
    await Promise.all(workers.map((each) => each.close()));
  }
  return expected;
}

async function readMailed(ctx: TestContext): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ name: string; papers: string[] }>`
    select s.address || ' ' || d.local_date name,
      array(select p.key from unnest(d.paper_ids) with ordinality o(id, place) join papers p on p.id = o.id
        order by o.place) papers
    from digests d join subscribers s on s.id = d.subscriber_id`.execute(ctx.db);
  return new Map(rows.map((row) => [row.name, row.papers]));
}

export async function checkEverything(
  ctx: TestContext,
  readers: NaiveReader[],
  expected: Map<string, string[]>,
): Promise<void> {
  const mailed = await readMailed(ctx);
  expect(mailed.size).toBe(expected.size);
  const wrong = [...expected].filter(([name, papers]) => mailed.get(name)?.join(' ') !== papers.join(' '));
  expect(wrong.map(([name, papers]) => ({ name, papers, mailed: mailed.get(name) }))).toEqual([]);

  // No paper twice for anybody.
  const papersOf = new Map(readers.map(({ address }) => [address, [] as string[]]));
  for (const [name, papers] of mailed) papersOf.get(name.split(' ')[0]!)!.push(...papers);
  const doubled = [...papersOf].filter(([, papers]) => new Set(papers).size < papers.length);
  expect(doubled).toEqual([]);
  // Exactly one mail for every digest that was not skipped.
  const { rows } = await sql<{ mails: number; names: number; digests: number }>`
    select (select count(*) from mailbox_messages)::int mails,
      (select count(distinct tags ->> 'digest') from mailbox_messages)::int names,
      (select count(*) from digests where skipped is null)::int digests`.execute(ctx.db);
  const { mails, names, digests } = rows[0]!;
  expect({ mails, names }).toEqual({ mails: digests, names: digests });

  const ledgers = await listLedgers(ctx.db, 100);
  const open = await sql<{ date: string }>`select min(next_local_date) date from slots`.execute(ctx.db);
  for (const ledger of ledgers) {
    expect(balances(ledger)).toBe(true);
    expect({ date: ledger.date, closed: ledger.closed }).toEqual({
      date: ledger.date,
      closed: ledger.date < open.rows[0]!.date,
    });
  }
  expect(ledgers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(digests);
}
