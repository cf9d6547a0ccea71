import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { environmentOf, firstDate, type Stage } from '../stage.ts';
import type { BenchOptions, Size } from '../options.ts';
import { openBareSide } from './bare-side.ts';
import { openDates, openOurSide } from './our-side.ts';
import { openPlainSide, type RunningSide } from './plain-side.ts';
import { perSecond, type SideName, type SideResult, sideTitles } from './side.ts';

/** Up to so many subscribers, each side works for a while before anything counts; longer runs warm themselves. */
const warmedSubscribersMax = 10_000;
const warmedForS = 10;
/** Small editions are over before V8 has compiled what runs, however many there are. */
const warmedEditionsMax = 10;

/** All sides at one number of subscribers, interleaved: each repeat is one turn of each. */
export async function contest(
  stage: Stage,
  { subscribers, repeats }: Size,
  { plainMax, profile, say }: Pick<BenchOptions, 'plainMax' | 'profile'> & { say: (line: string) => void },
): Promise<SideResult[]> {
  const databaseUrl = await stage.makeDatabase('contest', subscribers);
  const sides = new Map<SideName, RunningSide>();
  const isWarmed = subscribers <= warmedSubscribersMax;
  const add = async (name: SideName, side: RunningSide) => {
    sides.set(name, side);
    if (isWarmed) await warm(side);
  };
  const ctx = await openContext(loadConfig(environmentOf(databaseUrl, stage.sinkUrl)));
  try {
    const dates = openDates();
    await add('ours-postgres', await openOurSide(stage, databaseUrl, { redis: false, dates, profile }));
    if (stage.redis)
      await add('ours-redis', await openOurSide(stage, databaseUrl, { redis: true, dates, profile }));
    // Its mails are those of the first edition, which did not count.
    if (isWarmed) await add('bare', await openBareSide(stage, ctx, { date: firstDate, subscribers }));
    if (subscribers <= plainMax) {
      const plain = { name: 'plain', entry: './plain/worker.tsx', subscribers, perJob: 1 };
      await add('plain', await openPlainSide(stage, databaseUrl, plain));
      const improved = { name: 'improved', entry: './plain/improved.tsx', subscribers, perJob: 100 };
      await add('improved', await openPlainSide(stage, databaseUrl, improved));
    }
    return await takeTurns(sides, { subscribers, repeats, say });
  } finally {
    for (const side of sides.values()) await side.close();
    await ctx.close();
    await stage.dropDatabase('contest');
  }
}

async function warm(side: RunningSide): Promise<void> {
  let workedS = 0;
  for (let n = 0; n < warmedEditionsMax && workedS < warmedForS; n++)
    workedS += (await side.repeat()).seconds;
}

async function takeTurns(
  sides: ReadonlyMap<SideName, RunningSide>,
  { subscribers, repeats, say }: Size & { say: (line: string) => void },
): Promise<SideResult[]> {
  const results = new Map<SideName, SideResult>();
  for (let n = 1; n <= repeats; n++) {
    for (const [name, side] of sides) {
      const result = results.get(name) ?? { side: name, subscribers, repeats: [], peakMiB: 0 };
      const repeat = await side.repeat();
      result.repeats.push(repeat);
      result.peakMiB = await side.peakMiB();
      results.set(name, result);
      const rate = Math.round(perSecond(repeat)).toLocaleString('en-US');
      say(`${subscribers} subscribers, ${n} of ${repeats}: ${sideTitles[name]} ${rate} digests/s`);
    }
  }
  return [...results.values()];
}
