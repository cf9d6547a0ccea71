import { type Kysely, sql } from 'kysely';

/**
 * What is to come off the transport's own suppression list again, and what an operator says after a restore. Workers of
 * the release before can run beside it: it takes away only a column that nothing ever wrote.
 */
const statements = [
  // One row an address that we put on the transport's list, or that a reader or an operator lifted on ours; it goes when
  // the transport's list no longer has it. With a batch: not before that batch has been settled for a while.
  `create table lifts (
    address text primary key,
    transport text not null,
    reason text not null check (reason in ('left', 'lifted')),
    batch_id integer references batches on delete set null,
    created_at timestamptz not null default now()
  )`,
  `drop index batches_withheld`,
  `alter table batches drop column withheld`,

  // Few are ever suppressed for soft bounces, and each delivery asks whether its address is.
  `create index suppressions_soft on suppressions (address_hash) where reason = 'soft_bounces'`,

  // When the transport's list is looked through next, and up to which entry it has been.
  `alter table gates add column list_look_at timestamptz, add column list_read_through timestamptz`,

  // moved_at: when this was first found to be another server, or another timeline. Editions up to handled_through are
  // not mailed by this one, because the one before may have (RULES 21).
  `alter table installation add column moved_at timestamptz, add column handled_through date`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
