import { startChild } from '../child.ts';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { openDates, openOurSide } from '../pipeline/our-side.ts';
import type { Stage } from '../stage.ts';
import type { Answered } from './mailbox.ts';

/** How much of a provider's limit so many processes use, and how often they run into it. */
export interface LimitUse {
  processes: number;
  used: number;
  refused: number;
}

const requestsPerSecond = 10;
/** At 100 mails a request, a minute a run. */
const subscribers = 60_000;
/** For the edition that does not count. */
const manyPerSecond = 1000;

export async function useLimit(stage: Stage, say: (line: string) => void): Promise<LimitUse[]> {
  const databaseUrl = await stage.makeDatabase('limited', subscribers);
  const mailboxUrl = await stage.makeDatabase('mailbox', 1);
  const mailbox = await startChild('./limit/mailbox.ts', { env: { DATABASE_URL: mailboxUrl } });
  const db = openDatabase(openPool(databaseUrl, { max: 1, applicationName: 'bench limit' }));
  try {
    const baseUrl = await mailbox.ask<string>('url');
    const dates = openDates();
    const uses: LimitUse[] = [];
    for (const processes of [1, 2, 4]) {
      const side = await openOurSide(stage, databaseUrl, { redis: false, dates, processes, baseUrl });
      await mailbox.ask('limit', manyPerSecond);
      await side.repeat();
      await mailbox.ask('answered');
      await mailbox.ask('limit', requestsPerSecond);
      // What the answers named before; without it, the usual limit is kept to until they name another.
      await db.deleteFrom('gates').execute();
      await side.repeat();
      await side.close();
      const { accepted, refused, seconds } = await mailbox.ask<Answered>('answered');
      const used = (accepted - 1) / seconds / requestsPerSecond;
      uses.push({ processes, used, refused: refused / (accepted + refused) });
      say(
        `limit, ${processes} processes: ${(used * 100).toFixed(1)} % used, ${refused} of ${accepted + refused} refused`,
      );
    }
    return uses;
  } finally {
    await mailbox.stop();
    await db.destroy();
    await stage.dropDatabase('mailbox');
    await stage.dropDatabase('limited');
  }
}
