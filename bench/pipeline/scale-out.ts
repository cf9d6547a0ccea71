import { type Spread, spreadOf } from '../statistics.ts';
import type { Stage } from '../stage.ts';
import { openDates, openOurSide } from './our-side.ts';
import { perSecond } from './side.ts';

/** What so many worker processes bring where every answer takes a while. */
export interface ScaledOut {
  processes: number;
  rate: Spread;
}

const answerDelayMs = 100;
const subscribers = 10_000;
const repeats = 3;

export async function scaleOut(stage: Stage, say: (line: string) => void): Promise<ScaledOut[]> {
  const databaseUrl = await stage.makeDatabase('scaled', subscribers);
  await stage.sink.ask('delay', answerDelayMs);
  try {
    const dates = openDates();
    const results: ScaledOut[] = [];
    for (const processes of [1, 2, 4]) {
      const side = await openOurSide(stage, databaseUrl, { redis: false, dates, processes });
      const rates: number[] = [];
      for (let n = 0; n < repeats; n++) rates.push(perSecond(await side.repeat()));
      await side.close();
      results.push({ processes, rate: spreadOf(rates) });
      say(
        `answers after ${answerDelayMs} ms, ${processes} processes: ${Math.round(spreadOf(rates).median)} digests/s`,
      );
    }
    return results;
  } finally {
    await stage.sink.ask('delay', 0);
    await stage.dropDatabase('scaled');
  }
}
