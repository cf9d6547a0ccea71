import { runMigrations as migrateQueues } from 'bullmq';
import { Kysely, type Migration, Migrator, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { assertSessions, DatabaseError } from './connect.ts';
import * as firstEdition from './migrations/0001_first_edition.ts';
import * as smtpAndFullMailbox from './migrations/0002_smtp_and_full_mailbox.ts';
import * as arxiv from './migrations/0003_arxiv.ts';
import * as readersSide from './migrations/0004_readers_side.ts';
import * as rightPapers from './migrations/0005_right_papers.ts';
import * as operatorsSide from './migrations/0006_operators_side.ts';
import * as whatBecomesOfMail from './migrations/0007_what_becomes_of_mail.ts';
import * as breakers from './migrations/0008_breakers.ts';
import * as leftAndRestored from './migrations/0009_left_and_restored.ts';
import * as sourceChecks from './migrations/0010_source_checks.ts';
import * as readersChoices from './migrations/0011_readers_choices.ts';
import * as meanings from './migrations/0012_meanings.ts';
import * as operatorsMornings from './migrations/0013_operators_mornings.ts';
import * as announcementsAndTopics from './migrations/0014_announcements_and_topics.ts';
import * as quickSearch from './migrations/0016_quick_search.ts';
import * as suppressionKey from './migrations/0017_suppression_key.ts';
import * as packedDigests from './migrations/0018_packed_digests.ts';
import * as receiptsAndMailbox from './migrations/0019_receipts_and_mailbox.ts';
import * as placesInLine from './migrations/0020_places_in_line.ts';
import * as papersGone from './migrations/0021_papers_gone.ts';
import * as returns from './migrations/0022_returns.ts';
import * as bodyHash from './migrations/0023_body_hash.ts';

/** Every migration there is, in order. Forward only, and never edited after a release. */
const migrations: Record<string, Migration> = {
  '0001_first_edition': firstEdition,
  '0002_smtp_and_full_mailbox': smtpAndFullMailbox,
  '0003_arxiv': arxiv,
  '0004_readers_side': readersSide,
  '0005_right_papers': rightPapers,
  '0006_operators_side': operatorsSide,
  '0007_what_becomes_of_mail': whatBecomesOfMail,
  '0008_breakers': breakers,
  '0009_left_and_restored': leftAndRestored,
  '0010_source_checks': sourceChecks,
  '0011_readers_choices': readersChoices,
  '0012_meanings': meanings,
  '0013_operators_mornings': operatorsMornings,
  '0014_announcements_and_topics': announcementsAndTopics,
  '0016_quick_search': quickSearch,
  '0017_suppression_key': suppressionKey,
  '0018_packed_digests': packedDigests,
  '0019_receipts_and_mailbox': receiptsAndMailbox,
  '0020_places_in_line': placesInLine,
  '0021_papers_gone': papersGone,
  '0022_returns': returns,
  '0023_body_hash': bodyHash,
};

const schema = 'broadsheet';
const queueSchema = 'bullmq';
/** Two-integer advisory locks; BullMQ's first integer is its own ("BULL"). "BS" and the number of the lock. */
const migrationLock = [0x42530000, 1];

/**
 * Brings both schemas up to date: ours and that of the queues. Several processes may call it at once; one does
 * it and the others find it done. Dies half-way: each migration is one transaction, and the rest follows next time.
 */
export async function migrate(pool: pg.Pool): Promise<{ applied: string[] }> {
  await assertSessions(pool);
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1, $2)', migrationLock);
    const before = await readApplied(client);
    refuseNewer(before);
    const { error, results = [] } = await migratorOn(client).migrateToLatest();
    if (error)
      throw new DatabaseError('A migration failed; the database is as it was before it.', { cause: error });
    await migrateQueues(client, queueSchema);
    return {
      applied: results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName),
    };
  } finally {
    // The lock belongs to the session, so a session that may still hold it must not go back into the pool.
    await client.query('select pg_advisory_unlock($1, $2)', migrationLock).then(
      () => client.release(),
      () => client.release(true),
    );
  }
}

/**
 * Whether the schema is the one this release was written for: `ready`, or `empty` where nothing was migrated yet.
 * Throws DatabaseError for an older or a newer one: neither is safe to work on.
 */
export async function assertSchema(pool: pg.Pool): Promise<'ready' | 'empty'> {
  await assertSessions(pool);
  const applied = await readApplied(pool);
  if (applied.length === 0) return 'empty';
  refuseNewer(applied);
  const missing = Object.keys(migrations).filter((name) => !applied.includes(name));
  if (missing.length === 0) return 'ready';
  throw new DatabaseError(
    `The database is older than this release: ${missing.join(', ')} is missing. Run \`npm run migrate\`, then start again.`,
  );
}

function refuseNewer(applied: string[]): void {
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new DatabaseError(
    `The database is newer than this release: it has ${unknown.join(', ')}. Update Broadsheet; nothing was touched.`,
  );
}

async function readApplied(client: pg.Pool | pg.PoolClient): Promise<string[]> {
  const found = await client.query<{ is: boolean }>(
    `select to_regclass('${schema}.kysely_migration') is not null as is`,
  );
  if (!found.rows[0]?.is) return [];
  const { rows } = await client.query<{ name: string }>(
    `select name from ${schema}.kysely_migration order by name`,
  );
  return rows.map(({ name }) => name);
}

/** A migrator on the one session that holds the lock, so that even a pool of one connection suffices. */
function migratorOn(client: pg.PoolClient): Migrator {
  const borrowed = { query: client.query.bind(client), release: () => undefined } as PostgresPoolClient;
  const pool = { connect: () => Promise.resolve(borrowed), end: () => Promise.resolve() };
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  return new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableSchema: schema,
  });
}
