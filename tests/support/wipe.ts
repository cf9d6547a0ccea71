import { sql } from 'kysely';
import { queueNames } from '../../src/queue/queues.ts';
import type { TestContext } from './context.ts';

const tables = [
  'papers',
  'source_days',
  'source_gates',
  'raw_answers',
  'topics',
  'subscribers',
  'slots',
  'editions',
  'digests',
  'batches',
  'notices',
  'gates',
  'webhook_events',
  'suppressions',
  'lifts',
  'mailbox_messages',
  'mailbox_bodies',
  'mailbox_keys',
  'mailbox_suppressions',
  'mailbox_usage',
  'mailbox_webhooks',
];

/**
 * Empties the database of a context that several tests share, in a tenth of the time that a new one takes. Fragments,
 * shells and the counters of ids stay, because the context remembers them.
 */
export async function wipe(ctx: TestContext): Promise<void> {
  await emptied.execute(ctx.db);
  await sql`update installation set data_generation = data_generation + 1`.execute(ctx.db);
  for (const name of queueNames) await ctx.queues.queue(name).obliterate({ force: true });
}

/**
 * These tables and all that refer to them. A few rows are deleted in a fraction of the time that truncating takes, which
 * gives every table and index a new file; foreign keys need no look where everything goes.
 */
const emptied = sql.raw(`do $$ declare one regclass; begin
  set local session_replication_role = replica;
  for one in
    with recursive reached as (
      select unnest('{${tables.join(', ')}}'::regclass[])::oid id
      union select conrelid from pg_constraint join reached on confrelid = id where contype = 'f')
    select id from reached join pg_class on oid = id where not relispartition
  loop execute 'delete from ' || one; end loop;
end $$`);
