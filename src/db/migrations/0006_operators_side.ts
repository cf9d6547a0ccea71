import { type Kysely, sql } from 'kysely';

/** What operators did, which papers they hid, and which of their reports went out. */
const statements = [
  // No addresses: a subscriber's number says nothing once they are erased. The subject is a paper's key, a topic's
  // number or an edition's date.
  `create table operator_actions (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    operator text not null,
    action text not null,
    subscriber_id integer,
    subject text
  )`,
  `create index operator_actions_subscriber on operator_actions (subscriber_id) where subscriber_id is not null`,

  // Taken out by an operator, as a withdrawn paper is by its authors; and put back again.
  `alter table papers add column hidden_at timestamptz`,

  // One mail to the operator a UTC day and cause. Accepted, or tried again until it is or the day is over.
  `create table operator_reports (
    day date not null,
    cause text not null,
    key text not null,
    body bytea,
    attempts smallint not null default 0,
    next_attempt_at timestamptz not null default now(),
    accepted_at timestamptz,
    primary key (day, cause)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
