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
  await sql.raw(`truncate ${tables.join(', ')} cascade`).execute(ctx.db);
  await sql`update installation set data_generation = data_generation + 1`.execute(ctx.db);
  for (const name of queueNames) await ctx.queues.queue(name).obliterate({ force: true });
}
