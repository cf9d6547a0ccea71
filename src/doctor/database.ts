import type pg from 'pg';
import { assertSchema } from '../db/migrate.ts';
import { movedReason } from '../db/server-identity.ts';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';

/** The oldest Postgres that the suite runs on. */
const versionMin = 15;
/** Attempts, keys and leases go by the database's clock, so a difference only confuses people who read both. */
const skewWarnMs = 2_000;
const skewFailMs = 60_000;
const tickOlderThanS = 120;
/** Zones of Node that Postgres may lack before it is worth a word; links between names come and go. */
const zonesNamedMax = 3;

/** What the database says of itself: reachable, version, pooler, schema, clock, zones, and when the scheduler last came by. */
export async function examineDatabase(pool: pg.Pool, nowMs: () => number = Date.now): Promise<Check[]> {
  try {
    await pool.query('select 1');
  } catch (error) {
    return [
      fail('database', `It cannot be reached (${reasonOf(error)}). Check DATABASE_URL and the server.`),
    ];
  }
  const checks = [await examineVersion(pool)];
  const schema = await examineSchema(pool);
  checks.push(schema, await examineClock(pool, nowMs), await examineZones(pool));
  if (schema.state === 'ok') checks.push(await examineScheduler(pool), await examineServer(pool));
  return checks;
}

async function examineVersion(pool: pg.Pool): Promise<Check> {
  const { rows } = await pool.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const version = rows[0]!.version;
  if (Number.parseInt(version, 10) >= versionMin) return ok('database', `PostgreSQL ${version}`);
  return fail('database', `PostgreSQL ${version} is too old. Update it to ${versionMin} or newer.`);
}

/** Also finds the pooler that hands every transaction another session (RULES 8). */
async function examineSchema(pool: pg.Pool): Promise<Check> {
  try {
    if ((await assertSchema(pool)) === 'ready') return ok('schema', 'up to date');
    return fail('schema', 'The database is empty. Run `broadsheet migrate`.');
  } catch (error) {
    return fail('schema', reasonOf(error));
  }
}

async function examineClock(pool: pg.Pool, nowMs: () => number): Promise<Check> {
  const askedMs = nowMs();
  const { rows } = await pool.query<{ ms: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
  );
  // Halfway between question and answer, as NTP reckons.
  const skewMs = Math.round(rows[0]!.ms - (askedMs + nowMs()) / 2);
  const says = `The database's clock is ${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(skewMs) < skewWarnMs) return ok('clock', says);
  const check = Math.abs(skewMs) < skewFailMs ? warn : fail;
  return check('clock', `${says}. Let NTP set both: due times follow one and retries the other.`);
}

/** Zones are reckoned in Node alone (RULES 4); a name that Postgres lacks is a sign that one of the two is old. */
async function examineZones(pool: pg.Pool): Promise<Check> {
  const here = Intl.supportedValuesOf('timeZone');
  const { rows } = await pool.query<{ name: string }>(
    'select name from unnest($1::text[]) name except select name from pg_timezone_names order by name',
    [here],
  );
  const version = process.versions['tz'] ?? 'unknown';
  if (rows.length === 0)
    return ok('time zones', `IANA ${version}, ${here.length} zones, all known to Postgres`);
  const names = rows.slice(0, zonesNamedMax).map(({ name }) => name);
  const more = rows.length > names.length ? ` and ${rows.length - names.length} more` : '';
  return warn(
    'time zones',
    `Node has IANA ${version}; Postgres does not know ${names.join(', ')}${more}. Update its tzdata.`,
  );
}

/** Whether this is the server that the mail left from (RULES 21). */
async function examineServer(pool: pg.Pool): Promise<Check> {
  const { rows } = await pool.query<{ kept: string | null; is: string | null }>(
    `select server_identity as kept, broadsheet.server_identity() as is from broadsheet.installation`,
  );
  const { kept, is } = rows[0]!;
  if (is === null) {
    const says = 'The account may not ask which server this is (pg_control_system), so a restored backup';
    return warn('server', `${says} would not be noticed. Before restoring one, read docs/operating.md.`);
  }
  if (kept === null || kept === is) return ok('server', 'the one that the mail left from');
  return fail('server', `Mail is halted: ${movedReason}.`);
}

async function examineScheduler(pool: pg.Pool): Promise<Check> {
  const { rows } = await pool.query<{ age: number | null }>(
    `select extract(epoch from now() - scheduler_ticked_at)::int as age from broadsheet.installation`,
  );
  const age = rows[0]?.age ?? null;
  if (age === null)
    return warn('scheduler', 'It has never ticked. Start it: `start --roles scheduler,workers`.');
  if (age <= tickOlderThanS) return ok('scheduler', `last ticked ${age} s ago`);
  return warn(
    'scheduler',
    `It last ticked ${age} s ago, it should every 60 s. Is it running, and are workers?`,
  );
}
