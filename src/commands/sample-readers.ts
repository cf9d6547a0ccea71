import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { upsertSubscribers } from '../db/subscriber-import.ts';
import { ensureTopics } from '../db/topics.ts';
import { addressHash } from '../domain/address.ts';
import { everyDay, localHourAt } from '../domain/cadence.ts';

interface SampleReader {
  name: string;
  address: string;
  timeZone: string;
  topics: string[];
  maxPapers: number;
}

/** Three readers for a machine that has none. `.test` never leads anywhere (RFC 6761). */
export const sampleReaders: readonly SampleReader[] = [
  {
    name: 'ada',
    address: 'ada@broadsheet.test',
    timeZone: 'Europe/London',
    topics: ['language-models', 'reasoning', 'agents', 'reinforcement-learning'],
    maxPapers: 5,
  },
  {
    name: 'kenji',
    address: 'kenji@broadsheet.test',
    timeZone: 'Asia/Tokyo',
    topics: ['robotics', 'video-generation', 'image-generation', 'multimodal', 'world-models'],
    maxPapers: 7,
  },
  {
    name: 'lucía',
    address: 'lucia@broadsheet.test',
    timeZone: 'America/Mexico_City',
    topics: ['benchmarks', 'efficient-inference', 'code', 'safety'],
    maxPapers: 4,
  },
];

/** Makes the sample readers, each due at the hour that has just begun where they live. Only where nobody subscribes yet. */
export async function makeSampleReaders(ctx: Context): Promise<boolean> {
  const { rows } = await sql`select 1 from subscribers limit 1`.execute(ctx.db);
  if (rows.length > 0) return false;
  const now = ctx.now();
  const topicIds = await ensureTopics(
    ctx.db,
    sampleReaders.flatMap(({ topics }) => topics),
  );
  await ctx.db.transaction().execute((trx) =>
    upsertSubscribers(
      trx,
      sampleReaders.map((reader) => ({
        address: reader.address,
        addressHash: addressHash(ctx.config.suppressionKey, reader.address),
        topics: reader.topics,
        timeZone: reader.timeZone,
        sendHour: localHourAt(reader.timeZone, now),
        weekdays: everyDay,
        maxPapers: reader.maxPapers,
      })),
      {
        confirmed: true,
        topicIds,
        usual: { timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 7 },
        now: new Date(now.getTime() - hourMs),
      },
    ),
  );
  return true;
}

const hourMs = 3_600_000;
