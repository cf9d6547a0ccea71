import { type Kysely, sql } from 'kysely';

/** Why a batch failed, for transports that say so of each mail; and what the mailbox needs to be all of Resend. */
const statements = [
  // Null where the batch was refused without a class, and while it has not failed.
  `alter table batches add column failure text check (failure in ('policy', 'content'))`,

  // A mail server may refuse an address while it is asked, without a webhook.
  `alter table suppressions drop constraint suppressions_origin_check,
    add constraint suppressions_origin_check
      check (origin in ('webhook', 'operator', 'import', 'reader', 'transport'))`,

  `alter table mailbox_messages add column scheduled_at timestamptz`,
  // Packing bodies took most of the time that the mailbox needed for a batch.
  `alter table mailbox_messages alter column html set storage external, alter column text set storage external`,

  // Resend's own list of an account, not ours: plain addresses, as its API shows them.
  `create table mailbox_suppressions (
    id uuid primary key default gen_random_uuid(),
    email text not null unique,
    origin text not null check (origin in ('bounce', 'complaint', 'manual')),
    source_id uuid,
    created_at timestamptz not null default now(),
    place bigint generated always as identity
  )`,

  // Recipients of a UTC day, counted only where a quota is set.
  `create table mailbox_usage (
    day date primary key,
    mails integer not null
  )`,

  `create table mailbox_webhooks (
    id uuid primary key default gen_random_uuid(),
    endpoint text not null,
    events text[] not null,
    signing_secret text not null,
    status text not null default 'enabled' check (status in ('enabled', 'disabled')),
    created_at timestamptz not null default now()
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
