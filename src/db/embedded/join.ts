import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { DatabaseError } from '../connect.ts';
import { type Home, openHome } from './home.ts';
import { enter, type Presence, urlOf } from './presence.ts';
import { findPostmaster, type Settings, startServer, stopServer } from './server.ts';

export interface Membership {
  databaseUrl: string;
  /** False: another process had it running. */
  startedHere: boolean;
  /** Gives up our place, and stops the server if nobody else is there. End the pools first. */
  leave(): Promise<void>;
}

export interface JoinOptions {
  settings?: Settings;
  /** Told in a sentence when the server died under us and what came of it. */
  report?: (sentence: string) => void;
}

const database = 'broadsheet';
const joinTimeoutMs = 60_000;
const startAttemptsMax = 5;
const lookAgainMs = 50;

/**
 * Joins the embedded Postgres of a data folder: starts it where nobody did, waits where it is just stopping.
 * Ours dies by force: the server stays, and the next process joins it and stops it at the end. The server dies
 * by force: we start it again on the same port, so that pools find it.
 */
export async function joinEmbedded(
  dataDir: string,
  { settings = [], report = () => undefined }: JoinOptions = {},
): Promise<Membership> {
  const home = await openHome(dataDir);
  const first = await becomePresent(home, settings);
  const member = { home, settings, report, presence: first.presence, hasLeft: false };
  await makeDatabase(urlOf(home, first.presence.port, 'postgres'));
  keepPresent(member);
  let leaving: Promise<void> | undefined;
  return {
    databaseUrl: urlOf(home, first.presence.port, database),
    startedHere: first.startedHere,
    leave: () => (leaving ??= leave(member)),
  };
}

interface Member {
  home: Home;
  settings: Settings;
  report: (sentence: string) => void;
  presence: Presence;
  hasLeft: boolean;
}

async function becomePresent(
  home: Home,
  settings: Settings,
  port?: number,
): Promise<{ presence: Presence; startedHere: boolean }> {
  const giveUpAt = Date.now() + joinTimeoutMs;
  let attempts = 0;
  let startedHere = false;
  for (;;) {
    const postmaster = await findPostmaster(home);
    const answer = postmaster?.isReady ? await enter(home, postmaster.port) : postmaster ? 'busy' : 'absent';
    if (typeof answer === 'object') return { presence: answer, startedHere };
    if (Date.now() > giveUpAt) {
      throw new DatabaseError(
        `The embedded PostgreSQL in ${home.data} (process ${postmaster?.pid}) does not answer. Look into ${home.log}; ending that process may help.`,
      );
    }
    if (answer === 'absent') {
      const failed = await startServer(home, settings, port);
      attempts += 1;
      startedHere = !failed;
      if (failed && attempts >= startAttemptsMax && !(await findPostmaster(home))) {
        throw new DatabaseError(
          `The embedded PostgreSQL does not start. The end of ${home.log}:\n${failed.failure}`,
        );
      }
      if (!failed) continue;
    }
    await pause(lookAgainMs * (attempts + 1));
  }
}

async function makeDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (!rowCount) await client.query(`create database ${database}`);
  } catch (error) {
    // Another process that starts at this moment made it: 42P04, or 23505 when both were at it at once.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
}

/** Watches our session; where it ends without our leaving, the server died and is started again. */
function keepPresent(member: Member): void {
  void member.presence.ended.then(async () => {
    if (member.hasLeft) return;
    member.report('The embedded PostgreSQL ended unexpectedly; starting it again.');
    try {
      const { presence } = await becomePresent(member.home, member.settings, member.presence.port);
      const isElsewhere = presence.port !== member.presence.port;
      member.presence = presence;
      keepPresent(member);
      member.report(
        isElsewhere
          ? 'The embedded PostgreSQL runs again, but its port was taken meanwhile: restart Broadsheet.'
          : 'The embedded PostgreSQL runs again.',
      );
    } catch (error) {
      member.report((error as Error).message);
    }
  });
}

async function leave(member: Member): Promise<void> {
  member.hasLeft = true;
  try {
    if (await member.presence.giveUp()) await stopServer(member.home);
  } catch (error) {
    // The session broke before we could leave: the server is gone already, or the next one who joins stops it.
    if (error instanceof DatabaseError) throw error;
  } finally {
    await member.presence.close().catch(() => undefined);
  }
}
