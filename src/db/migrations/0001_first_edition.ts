import { type Kysely, sql } from 'kysely';

/**
 * Everything the first release stores. Old workers cannot run beside it: there are none.
 *
 * Two habits explain most of the shape. A row that many others point to has a small integer id, because a
 * digest stores integers. And what changes often (outcomes, claims) has no index on the column that changes,
 * so that Postgres can update it in place.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...papers, ...readers, ...sending, ...world]) {
    await sql.raw(statement).execute(db);
  }
}

export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}

/** What comes in: papers by stable key, where and when they were listed, and the topics they match. */
const papers = [
  `create table papers (
    id integer generated always as identity primary key,
    key text not null unique,
    version integer,
    title text not null,
    abstract text not null default '',
    summary text not null default '',
    authors text[] not null default '{}',
    authors_count integer not null default 0,
    organization text,
    categories text[] not null default '{}',
    keywords text[] not null default '{}',
    published_at timestamptz,
    url text not null,
    pdf_url text,
    code_url text,
    project_url text,
    thumbnail_url text,
    votes integer not null default 0,
    comments integer not null default 0,
    code_stars integer,
    first_listed_on date not null,
    withdrawn_at timestamptz,
    content_sha256 bytea not null,
    revision integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    search tsvector not null
  )`,
  `create index papers_search on papers using gin (search)`,
  `create index papers_first_listed_on on papers (first_listed_on)`,

  `create table listings (
    source text not null,
    listed_on date not null,
    paper_id integer not null references papers on delete cascade,
    place integer not null,
    first_seen_at timestamptz not null default now(),
    primary key (source, listed_on, paper_id)
  )`,
  `create index listings_paper on listings (paper_id)`,
  `create index listings_day on listings (listed_on)`,

  `create table snapshots (
    paper_id integer not null references papers on delete cascade,
    captured_at timestamptz not null,
    votes integer not null,
    comments integer not null,
    code_stars integer,
    primary key (paper_id, captured_at)
  )`,

  // One row a source and day: how far its list has been read. See RULES 1 for what follows from the state.
  `create table source_days (
    source text not null,
    day date not null,
    state text not null check (state in ('complete', 'partial', 'stale', 'holiday', 'failed')),
    papers integer not null,
    read_at timestamptz not null,
    note text,
    primary key (source, day)
  )`,

  `create table topics (
    id integer generated always as identity primary key,
    kind text not null check (kind in ('phrase', 'category', 'author', 'organization', 'like')),
    definition text not null,
    slug text unique,
    name text not null,
    description text not null default '',
    retired_at timestamptz,
    matched_through integer not null default 0,
    created_at timestamptz not null default now(),
    unique (kind, definition)
  )`,

  `create table matches (
    topic_id integer not null references topics on delete cascade,
    paper_id integer not null references papers on delete cascade,
    relevance real not null,
    in_title boolean not null,
    primary key (topic_id, paper_id)
  )`,
  `create index matches_paper on matches (paper_id)`,
];

/** Who gets it: subscribers, what they follow, and the slots they share. */
const readers = [
  // A subscriber's not_before is the first edition date they may get: set when they join or change their slot.
  // A slot is a distinct (zone, hour, weekdays). Weekdays are a bit set, bit 0 is Monday.
  `create table slots (
    id integer generated always as identity primary key,
    time_zone text not null,
    send_hour smallint not null check (send_hour between 0 and 23),
    weekdays smallint not null check (weekdays between 1 and 127),
    next_due_at timestamptz not null,
    next_local_date date not null,
    last_local_date date,
    unique (time_zone, send_hour, weekdays)
  )`,

  `create table subscribers (
    id integer generated always as identity primary key,
    address text unique,
    status text not null check (status in ('unconfirmed', 'active', 'unsubscribed', 'erased')),
    slot_id integer not null references slots,
    not_before date,
    max_papers smallint not null default 7 check (max_papers between 1 and 30),
    address_version smallint not null default 1,
    snoozed_until date,
    wanted_topics text[] not null default '{}',
    consent text,
    created_at timestamptz not null default now(),
    confirmed_at timestamptz,
    unsubscribed_at timestamptz
  )`,
  `create index subscribers_slot on subscribers (slot_id, id)`,

  `create table follows (
    subscriber_id integer not null references subscribers on delete cascade,
    topic_id integer not null references topics,
    mode text not null default 'follow' check (mode in ('follow', 'more', 'mute')),
    primary key (subscriber_id, topic_id)
  )`,
  `create index follows_topic on follows (topic_id)`,

  `create table tastes (
    subscriber_id integer not null references subscribers on delete cascade,
    paper_id integer not null references papers on delete cascade,
    says text not null check (says in ('more', 'less')),
    created_at timestamptz not null default now(),
    primary key (subscriber_id, paper_id)
  )`,
];

/** What goes out: editions, ranges, digests, batches; notices; and the gate that paces them all. */
const sending = [
  `create table editions (
    date date primary key,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    ledger jsonb
  )`,

  // Slots that were missed for too long, counted once and without a row a reader (RULES 6).
  `create table missed_slots (
    edition_date date not null references editions,
    slot_id integer not null references slots,
    subscribers integer not null,
    noticed_at timestamptz not null,
    primary key (edition_date, slot_id)
  )`,

  `create table ranges (
    id integer generated always as identity primary key,
    edition_date date not null references editions,
    slot_ids integer[] not null,
    from_id integer not null,
    to_id integer not null,
    made_at timestamptz not null,
    expected integer not null,
    composed_at timestamptz,
    audience integer,
    skipped jsonb,
    created_at timestamptz not null default now()
  )`,
  `create index ranges_edition on ranges (edition_date)`,
  `create index ranges_open on ranges (id) where composed_at is null`,

  `create table fragments (
    id integer generated always as identity primary key,
    sha256 bytea not null unique,
    html bytea not null,
    text bytea not null
  )`,

  // A frozen surround: sender, base URL, footer and headers, with its holes. See src/render/shell.ts.
  `create table shells (
    id integer generated always as identity primary key,
    sha256 bytea not null unique,
    assembler_version smallint not null,
    bytes bytea not null
  )`,

  `create table batches (
    id integer generated always as identity primary key,
    edition_date date not null references editions,
    range_id integer not null references ranges,
    origin_id integer references batches,
    from_id integer not null,
    to_id integer not null,
    positions smallint[] not null,
    state text not null default 'composed'
      check (state in ('composed', 'frozen', 'accepted', 'failed', 'unknown', 'split', 'empty')),
    lease integer,
    attempts smallint not null default 0,
    next_attempt_at timestamptz not null default now(),
    key text,
    shell_id integer references shells,
    body_sha256 bytea,
    transport text,
    frozen_at timestamptz,
    first_attempt_at timestamptz,
    uncertain_at timestamptz,
    dropped jsonb,
    refused jsonb,
    receipt text[],
    reason text,
    settled_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `create index batches_edition on batches (edition_date)`,

  // Written once by compose; afterwards only the world's reports change it. A partition a day, made on demand.
  // composition: the fragments in order, as src/domain/digest.ts packs them.
  `create table digests (
    subscriber_id integer not null,
    local_date date not null,
    batch_id integer,
    position smallint,
    skipped text,
    paper_ids integer[] not null default '{}',
    composition integer[] not null default '{}',
    address text,
    address_version smallint not null default 1,
    key_id text,
    delivered_at timestamptz,
    bounced_at timestamptz,
    bounce_class text,
    complained_at timestamptz,
    failed_at timestamptz,
    primary key (subscriber_id, local_date)
  ) partition by range (local_date)`,

  `create table notices (
    id integer generated always as identity primary key,
    subscriber_id integer not null references subscribers on delete cascade,
    kind text not null check (kind in ('confirm', 'welcome', 'link', 'announcement')),
    cause text not null,
    address text not null,
    state text not null default 'composed'
      check (state in ('composed', 'frozen', 'accepted', 'failed', 'unknown', 'dropped')),
    lease integer,
    attempts smallint not null default 0,
    next_attempt_at timestamptz not null default now(),
    key text,
    body bytea,
    body_sha256 bytea,
    transport text,
    frozen_at timestamptz,
    first_attempt_at timestamptz,
    uncertain_at timestamptz,
    receipt text,
    reason text,
    settled_at timestamptz,
    delivered_at timestamptz,
    bounced_at timestamptz,
    bounce_class text,
    complained_at timestamptz,
    created_at timestamptz not null default now(),
    unique (subscriber_id, kind, cause)
  )`,
  `create index notices_created on notices (created_at)`,

  // One row a transport identity: when the next request may leave, and whether anything may leave at all.
  `create table gates (
    transport text primary key,
    next_slot_at timestamptz not null default now(),
    per_second real,
    parked_until timestamptz,
    halted_at timestamptz,
    reason text
  )`,
];

/** What the world says: webhooks, suppressions; and what the mailbox keeps to stand in for Resend. */
const world = [
  `create table webhook_events (
    svix_id text not null,
    received_on date not null default (now() at time zone 'utc')::date,
    received_at timestamptz not null default now(),
    type text not null,
    body text not null,
    processed_at timestamptz,
    result text,
    primary key (svix_id, received_on)
  ) partition by range (received_on)`,

  `create table suppressions (
    address_hash bytea primary key,
    reason text not null check (reason in ('hard_bounce', 'soft_bounces', 'complaint', 'manual', 'erased')),
    origin text not null check (origin in ('webhook', 'operator', 'import', 'reader')),
    detail text,
    created_at timestamptz not null default now()
  )`,

  `create table installation (
    "only" boolean primary key default true check ("only"),
    id uuid not null default gen_random_uuid(),
    data_generation integer not null default 1,
    scheduler_ticked_at timestamptz,
    created_at timestamptz not null default now()
  )`,
  `insert into installation default values`,

  `create table mailbox_messages (
    id uuid primary key default gen_random_uuid(),
    at timestamptz not null default now(),
    from_address text not null,
    to_address text not null,
    subject text not null,
    html text not null default '',
    text text not null default '',
    headers jsonb not null default '{}',
    tags jsonb not null default '{}',
    last_event text not null default 'sent',
    place bigint generated always as identity
  )`,
  `create index mailbox_messages_place on mailbox_messages (place)`,

  `create table mailbox_keys (
    endpoint text not null,
    key text not null,
    body_sha256 bytea not null,
    status smallint,
    answer text,
    created_at timestamptz not null default now(),
    primary key (endpoint, key)
  )`,
];
