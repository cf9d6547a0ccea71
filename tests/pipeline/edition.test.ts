import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listLedgers } from '../../src/db/ledger.ts';
import { balances } from '../../src/domain/ledger.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { importSubscribers } from '../../src/pipeline/import.ts';
import { ingestFile } from '../../src/pipeline/ingest.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { startWorkers, type Workers } from '../../workers/all.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  dueBetween,
  naiveSelection,
  type NaiveReader,
  type NaiveWorld,
  readNaiveWorld,
} from '../support/naive-edition.ts';
import { recordedData } from '../support/recorded.ts';
import { openTestRedis, type TestRedis } from '../support/redis.ts';

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
const hourMs = 3_600_000;
/** The pace is not what this is about; its own tests hold it. */
const env = { MAIL_RATE_PER_SECOND: '1000' };

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'broadsheet-edition-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same readers in every run: zones, hours, days, amounts and topics follow from the number alone. */
async function importReaders(
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
  const file = join(folder, `readers-${count}.jsonl`);
  await writeFile(file, lines.join('\n'));
  const { added, rejected } = await importSubscribers(ctx, file, { confirmed: true });
  expect({ added, rejected }).toEqual({ added: count, rejected: [] });
  return readers;
}

function tenRecordedDays(): { day: string; file: string }[] {
  const days = join(recordedData!, 'hf-daily-papers/raw');
  return readdirSync(days)
    .toSorted()
    .slice(0, 10)
    .map((name) => ({ day: name.slice(0, 10), file: join(days, name) }));
}

/** Walks the business clock hour by hour, each day's list coming in half an hour after its day ended. */
async function walk(
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

async function checkEverything(
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

/** What BullMQ says it completed, from its own count. */
async function readCompleted(ctx: TestContext, name: 'compose' | 'deliver'): Promise<number> {
  return (await ctx.queues.queue(name).getMetrics('completed')).meta.count;
}

describe.skipIf(!recordedData)('an edition of recorded papers', () => {
  test(
    '2,000 readers in 12 zones over ten days get exactly what a naive selection gives, once',
    { timeout: 540_000 },
    async () => {
      const ctx = await openTestContext({ now: '2026-06-01T00:00:00Z', env });
      try {
        const readers = await importReaders(ctx, 2000, (n) => (n * 7) % 24);
        const expected = await walk([ctx], readers, tenRecordedDays(), {
          from: '2026-06-01T00:00:00Z',
          hours: 12 * 24,
        });
        expect(expected.size).toBeGreaterThan(15_000);
        await checkEverything(ctx, readers, expected);
        const ranges = await ctx.db.selectFrom('ranges').select('id').execute();
        const batches = await ctx.db.selectFrom('batches').select('id').execute();
        expect(await readCompleted(ctx, 'compose')).toBeGreaterThanOrEqual(ranges.length);
        expect(await readCompleted(ctx, 'deliver')).toBeGreaterThanOrEqual(batches.length);
      } finally {
        await ctx.close();
      }
    },
  );

  test('two at once give the same digests as one', { timeout: 540_000 }, async () => {
    const ctx = await openTestContext({ now: '2026-06-01T00:00:00Z', env });
    const other = await openTestContext({ now: '2026-06-01T00:00:00Z', env, beside: ctx });
    try {
      const readers = await importReaders(ctx, 600, (n) => (n * 5) % 24);
      const expected = await walk([ctx, other], readers, tenRecordedDays(), {
        from: '2026-06-01T00:00:00Z',
        hours: 3 * 24,
      });
      await checkEverything(ctx, readers, expected);
    } finally {
      await other.close();
      await ctx.close();
    }
  });
});

const redis = recordedData ? await openTestRedis() : undefined;
afterAll(() => redis?.close());
const from = '2026-06-02T00:00:00Z';
const twoDays = { from, hours: 2 * 24 };

describe.skipIf(!recordedData || !redis)('the same edition, whatever becomes of the queues', () => {
  const server = redis as TestRedis;
  const onRedis = { ...env, REDIS_URL: server?.redisUrl };
  const strikeEveryMs = 1_000;

  const backends = [
    { name: 'on Postgres', variables: env },
    { name: 'on Redis', variables: onRedis },
    { name: 'on Redis flushed every second', variables: onRedis, strike: () => server.flush() },
    {
      name: 'on Redis that throws half of its keys away every second',
      variables: onRedis,
      strike: () => server.evict(),
    },
  ];
  test.each(backends)('300 readers over two days $name', { timeout: 240_000 }, async (given) => {
    await server.flush();
    const ctx = await openTestContext({ now: from, env: given.variables });
    let strikes = 0;
    const strike = async () => {
      await given.strike?.();
      if (given.strike) strikes += 1;
    };
    const timer = setInterval(() => void strike(), strikeEveryMs);
    try {
      const readers = await importReaders(ctx, 300, (n) => (n * 7) % 24);
      // By the timer whenever it comes, and surely at the worst moments.
      const expected = await walk([ctx], readers, tenRecordedDays(), twoDays, { meanwhile: strike });
      expect(expected.size).toBeGreaterThan(300);
      await checkEverything(ctx, readers, expected);
      expect(strikes > twoDays.hours).toBe(given.strike !== undefined);
    } finally {
      clearInterval(timer);
      await ctx.close();
    }
  });

  test('300 readers over two days on a Redis that is killed four times', { timeout: 240_000 }, async () => {
    await server.flush();
    const ctx = await openTestContext({ now: from, env: onRedis });
    try {
      const readers = await importReaders(ctx, 300, (n) => (n * 7) % 24);
      // It is away while plan nudges, and comes back empty.
      let starting: Promise<void> = Promise.resolve();
      const meanwhile = async (hour: number) => {
        if (hour % 11 !== 7) return;
        await server.kill();
        starting = ctx.pool.query('select pg_sleep(0.3)').then(() => server.start());
      };
      const expected = await walk([ctx], readers, tenRecordedDays(), twoDays, { meanwhile });
      await starting;
      await checkEverything(ctx, readers, expected);
    } finally {
      await ctx.close();
    }
  });

  test('moving to Redis and back: jobs left behind do no harm', { timeout: 240_000 }, async () => {
    await server.flush();
    const base = await openTestContext({ now: from, env });
    const expected = new Map<string, string[]>();
    const readers = await importReaders(base, 300, (n) => (n * 7) % 24);
    try {
      for (const [stage, variables] of [env, onRedis, env, onRedis].entries()) {
        const start = new Date(Date.parse(from) + stage * 12 * hourMs).toISOString();
        const ctx = await openTestContext({ now: start, env: variables, beside: base });
        try {
          const span = { from: start, hours: 12 };
          await walk([ctx], readers, tenRecordedDays(), span, { expected });
          await leaveJobsBehind(ctx);
        } finally {
          await ctx.close();
        }
      }
      await checkEverything(base, readers, expected);
    } finally {
      await base.close();
    }
  });
});

/** As a process that was killed in the middle would: nudges for everything that ever was. */
async function leaveJobsBehind(ctx: TestContext): Promise<void> {
  const ranges = await ctx.db.selectFrom('ranges').select('id').execute();
  const batches = await ctx.db.selectFrom('batches').select('id').execute();
  await ctx.queues.addMany(
    'compose',
    ranges.map(({ id }) => ({ rangeId: id })),
  );
  await ctx.queues.addMany(
    'deliver',
    batches.map(({ id }) => ({ batchId: id })),
  );
  // Not the schedules: a plan of their own would come before the list that this walk reads at the same moment.
  await ctx.queues.add('sweep', {});
  await ctx.queues.add('track', {});
  expect(await ctx.queues.queue('deliver').getJobCountByTypes('waiting', 'prioritized')).toBeGreaterThan(0);
}

// Read once, so that a damaged copy of the records fails here and not inside a walk.
if (recordedData) for (const { file } of tenRecordedDays()) JSON.parse(readFileSync(file, 'utf8'));
