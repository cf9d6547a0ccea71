import { type Kysely, sql } from 'kysely';

/** What readers may choose and take back: the look of cards, a feed, another address; and the first digest in the welcome. */
const statements = [
  // A feed's token names its version, so that a feed that was passed on can be ended. An address that waits for its
  // confirmation mail's button stands beside the one in use.
  `alter table subscribers
    add column feed_version smallint not null default 1,
    add column layout text not null default 'abstracts' check (layout in ('abstracts', 'titles')),
    add column pending_address text`,

  // A welcome that brings the first digest: its date and moment by the business clock, its papers, and what its mail
  // was put together from. No row of digests, because no edition's ledger counts it. See docs/decisions/0009.
  `alter table notices
    add column local_date date,
    add column made_at timestamptz,
    add column paper_ids integer[] not null default '{}',
    add column composition integer[] not null default '{}',
    add column shell_id integer references shells,
    add column key_id text`,
  `create index notices_first_digest on notices (subscriber_id, local_date) where local_date is not null`,

  // Forms by address and network, both as keyed hashes: the shape that rate-limiter-flexible asks for. Losing it in a
  // crash only gives a few more tries.
  `create unlogged table rate_limits (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
