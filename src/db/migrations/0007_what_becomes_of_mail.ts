import { type Kysely, sql } from 'kysely';

/** Events that come early, bounces in a row, editions that pause, a daily cap, and servers that are not what they were. */
const statements = [
  // When an unprocessed event is looked at next: later than now for one whose mail is not known yet.
  `alter table webhook_events add column next_look_at timestamptz not null default now()`,
  `create index webhook_events_unprocessed on webhook_events (next_look_at) where processed_at is null`,

  // proved_at: a webhook spoke of a member before any answer was written down, so the batch was accepted (RULES 12).
  // withheld: positions put on the transport's own suppression list because their readers left between attempts
  // (RULES 10); lifted there again once the batch is settled, where only the reader's leaving was the reason.
  `alter table batches add column proved_at timestamptz, add column withheld smallint[]`,
  `create index batches_open on batches (edition_date) where state in ('frozen', 'unknown')`,
  `create index batches_withheld on batches (id) where withheld is not null`,
  // Over SMTP a batch is one mail and its receipt a Message-ID, by which bounce messages name it.
  `create index batches_message_id on batches ((receipt[1])) where receipt[1] like '<%'`,

  // A pause stops new batches of one edition. After a resume one batch goes first, and the others wait for what becomes
  // of it; what was reported before the resume is not held against the edition again.
  `alter table editions add column paused_at timestamptz, add column paused_reason text,
    add column resumed_at timestamptz, add column canary_id integer, add column judged_from jsonb`,

  // Mails of digests handed over on a UTC day, and the first such day, from which a warm-up counts.
  `alter table gates add column mails_on date, add column mails integer not null default 0,
    add column warming_since date, add column capped_until timestamptz`,

  // Which server this is, and on which timeline. A restored backup is another server, or another timeline (RULES 21).
  // Null where the account may not ask.
  `create function server_identity() returns text language plpgsql stable as $$ begin
    return (select system_identifier from pg_control_system()) || '/'
      || ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int;
  exception when insufficient_privilege then return null;
  end $$`,
  `alter table installation add column server_identity text`,
  `update installation set server_identity = server_identity()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
