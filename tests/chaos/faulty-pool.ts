import type pg from 'pg';
import { openPool } from '../../src/db/connect.ts';
import { type Mark, markOf, type Moment } from './points.ts';

export interface PoolFaults {
  /** Told of every moment; may end the process, or wait. */
  at(moment: Moment): void | Promise<void>;
  /** Whether the answer to this statement, or to the commit of its transaction, gets lost with its connection. */
  losesAnswer(mark: Mark): boolean;
}

/** What `pg_stat_activity` shows of the processes that get killed. */
export const chaosName = 'broadsheet chaos';

/** A pool whose clients report what they are asked, and lose answers: what they were asked happened all the same. */
export function openFaultyPool(databaseUrl: string, faults: PoolFaults): pg.Pool {
  const pool = openPool(databaseUrl, { max: 10, applicationName: chaosName });
  const watched = new WeakSet<pg.PoolClient>();
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  pool.connect = (async () => {
    const client = await connect();
    if (!watched.has(client)) watch(client, faults);
    watched.add(client);
    return client;
  }) as typeof pool.connect;
  return pool;
}

function watch(client: pg.PoolClient, faults: PoolFaults): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<pg.QueryResult>;
  let inTransaction: Mark[] | undefined;

  async function run(statement: string, rest: unknown[]): Promise<pg.QueryResult> {
    const verb = /^\s*(begin|start transaction|commit|rollback)\b/i.exec(statement)?.[1]?.toLowerCase();
    if (verb === 'commit') return commit(statement, rest);
    if (verb) inTransaction = verb === 'rollback' ? undefined : [];
    const mark = verb ? undefined : markOf(statement);
    if (!mark) return query(statement, ...rest);
    await faults.at(`before ${mark}`);
    const answer = query(statement, ...rest);
    answer.catch(() => {});
    await faults.at(`during ${mark}`);
    const result = await answer;
    await faults.at(`after ${mark}`);
    if (inTransaction) {
      inTransaction.push(mark);
      return result;
    }
    await faults.at(`committed ${mark}`);
    if (faults.losesAnswer(mark)) lose(client);
    return result;
  }

  async function commit(statement: string, rest: unknown[]): Promise<pg.QueryResult> {
    const done = inTransaction ?? [];
    inTransaction = undefined;
    const result = await query(statement, ...rest);
    for (const mark of done) await faults.at(`committed ${mark}`);
    if (done.some((mark) => faults.losesAnswer(mark))) lose(client);
    return result;
  }

  client.query = ((statement: unknown, ...rest: unknown[]) =>
    typeof statement === 'string'
      ? run(statement, rest)
      : query(statement, ...rest)) as unknown as typeof client.query;
}

function lose(client: pg.PoolClient): never {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  throw Object.assign(new Error('The connection ended before the answer came (a fault of the chaos kit).'), {
    code: 'ECONNRESET',
  });
}
