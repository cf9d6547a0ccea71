import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { TopicKind } from '../domain/topic.ts';

/** The tables as Kysely sees them. The migrations say why each is shaped as it is. */
export interface Database {
  papers: PapersTable;
  listings: ListingsTable;
  snapshots: SnapshotsTable;
  source_days: SourceDaysTable;
  source_gates: SourceGatesTable;
  source_checks: SourceChecksTable;
  raw_answers: RawAnswersTable;
  topics: TopicsTable;
  matches: MatchesTable;
  slots: SlotsTable;
  subscribers: SubscribersTable;
  follows: FollowsTable;
  tastes: TastesTable;
  editions: EditionsTable;
  edition_counts: EditionCountsTable;
  missed_slots: MissedSlotsTable;
  ranges: RangesTable;
  fragments: FragmentsTable;
  shells: ShellsTable;
  batches: BatchesTable;
  digests: DigestsTable;
  notices: NoticesTable;
  announcements: AnnouncementsTable;
  gates: GatesTable;
  webhook_events: WebhookEventsTable;
  suppressions: SuppressionsTable;
  pictures: PicturesTable;
  paper_pictures: PaperPicturesTable;
  paper_vectors: PaperVectorsTable;
  topic_vectors: TopicVectorsTable;
  nearest_papers: NearestPapersTable;
  lifts: LiftsTable;
  installation: InstallationTable;
  operator_actions: OperatorActionsTable;
  operator_reports: OperatorReportsTable;
  mailbox_messages: MailboxMessagesTable;
  mailbox_keys: MailboxKeysTable;
  mailbox_suppressions: MailboxSuppressionsTable;
  mailbox_usage: MailboxUsageTable;
  mailbox_webhooks: MailboxWebhooksTable;
}

type Id = ColumnType<number, never, never>;
type At = ColumnType<Date, Date | string | undefined, Date | string>;
/** A calendar date, `YYYY-MM-DD`: dates stay text, so that no time zone can shift them. */
type Day = ColumnType<string, string, string>;

export interface PapersTable {
  id: Id;
  key: string;
  version: number | null;
  title: string;
  abstract: string;
  summary: string;
  authors: string[];
  authors_count: number;
  organization: string | null;
  categories: string[];
  keywords: string[];
  published_at: Date | null;
  url: string;
  pdf_url: string | null;
  code_url: string | null;
  project_url: string | null;
  thumbnail_url: string | null;
  votes: number;
  comments: number;
  code_stars: number | null;
  /** Null while no list has held it. */
  first_listed_on: Day | null;
  text_rank: number;
  text_read_at: Date;
  facts_read_at: Date;
  withdrawn_at: Date | null;
  hidden_at: Date | null;
  featured_at: Date | null;
  editor_note: Generated<string>;
  content_sha256: Buffer;
  revision: Generated<number>;
  created_at: At;
  updated_at: At;
  search: ColumnType<string, string, string>;
}

interface VectorColumns {
  model: string;
  /** Of the text that was embedded. */
  text_md5: string;
  /** 32-bit floats, of length 1 together. */
  vector: Buffer;
}

export interface PaperVectorsTable extends VectorColumns {
  paper_id: number;
}

export interface TopicVectorsTable extends VectorColumns {
  topic_id: number;
}

export interface NearestPapersTable {
  topic_id: number;
  paper_id: number;
  /** Cosine. */
  nearness: number;
}

export interface ListingsTable {
  source: string;
  listed_on: Day;
  paper_id: number;
  place: number;
  first_seen_at: At;
}

export interface SnapshotsTable {
  paper_id: number;
  captured_at: Date;
  votes: number;
  comments: number;
  code_stars: number | null;
}

export type DayState = 'complete' | 'partial' | 'stale' | 'holiday' | 'failed';

export interface SourceDaysTable {
  source: string;
  day: Day;
  state: DayState;
  papers: number;
  read_at: Date;
  note: string | null;
}

export interface SourceGatesTable {
  source: string;
  holder: string | null;
  busy_until: At;
  next_at: At;
  silent_until: Date | null;
  reason: string | null;
}

export interface SourceChecksTable {
  source: string;
  through: string | null;
  tried_at: Date;
}

export interface RawAnswersTable {
  id: ColumnType<string, never, never>;
  source: string;
  day: Day;
  read_at: Date;
  closed: boolean;
  etag: string | null;
  body: Buffer;
  sha256: Buffer;
}

export interface TopicsTable {
  id: Id;
  kind: TopicKind;
  definition: string;
  slug: string | null;
  name: string;
  description: Generated<string>;
  retired_at: Date | null;
  operated_at: Date | null;
  merged_into: number | null;
  matched_through: Generated<number>;
  created_at: At;
}

export interface MatchesTable {
  topic_id: number;
  paper_id: number;
  relevance: number;
  in_title: boolean;
  /** The topic's phrase that counted most, or whom or what it was met by; null where the paper is only alike to the topic's papers. */
  phrase: string | null;
}

export interface SlotsTable {
  id: Id;
  time_zone: string;
  send_hour: number;
  weekdays: number;
  next_due_at: Date;
  next_local_date: Day;
  last_local_date: string | null;
}

export type SubscriberStatus = 'unconfirmed' | 'active' | 'unsubscribed' | 'erased';

export interface SubscribersTable {
  id: Id;
  address: string | null;
  status: SubscriberStatus;
  slot_id: number;
  /** The first edition date this subscriber may get; null once it no longer matters. */
  not_before: string | null;
  max_papers: Generated<number>;
  address_version: Generated<number>;
  snoozed_until: string | null;
  wanted_topics: Generated<string[]>;
  consent: string | null;
  created_at: At;
  confirmed_at: Date | null;
  unsubscribed_at: Date | null;
  /** Goes up when the reader ends their feed: older feed tokens die. */
  feed_version: Generated<number>;
  layout: Generated<'abstracts' | 'titles'>;
  /** The address they asked to move to, until its confirmation. */
  pending_address: string | null;
  text_only: Generated<boolean>;
  empty_days: Generated<'silence' | 'note'>;
  /** Keys of papers that they named in the form, until they confirm. */
  wanted_papers: Generated<string[]>;
}

export interface FollowsTable {
  subscriber_id: number;
  topic_id: number;
  mode: Generated<'follow' | 'more' | 'mute'>;
}

export interface TastesTable {
  subscriber_id: number;
  paper_id: number;
  says: 'more' | 'less';
  created_at: At;
}

export interface EditionsTable {
  date: Day;
  opened_at: At;
  closed_at: Date | null;
  ledger: JSONColumnType<object> | null;
  paused_at: Date | null;
  paused_reason: string | null;
  /** Resumed, and one batch goes first; null again once that is known to be good. */
  resumed_at: Date | null;
  /** That batch, or the one it was split from; null while none is there to go. */
  canary_id: number | null;
  /** What had been reported when the rest went on: the breakers count from there. */
  judged_from: JSONColumnType<Record<string, number>> | null;
  /** At least so many of its digests were reported on, as last counted. */
  reported: Generated<number>;
  /** Its audience moved by more than half: nothing of it is planned until it is released. */
  held_at: Date | null;
  held_reason: string | null;
  released_at: Date | null;
}

export interface EditionCountsTable {
  date: Day;
  counted_at: At;
  counts: JSONColumnType<object>;
}

export interface MissedSlotsTable {
  edition_date: Day;
  slot_id: number;
  subscribers: number;
  noticed_at: Date;
}

export interface RangesTable {
  id: Id;
  edition_date: Day;
  slot_ids: number[];
  from_id: number;
  to_id: number;
  made_at: Date;
  expected: number;
  composed_at: Date | null;
  audience: number | null;
  skipped: JSONColumnType<Record<string, number>> | null;
  created_at: At;
}

export interface FragmentsTable {
  id: Id;
  sha256: Buffer;
  html: Buffer;
  text: Buffer;
}

export interface ShellsTable {
  id: Id;
  sha256: Buffer;
  assembler_version: number;
  bytes: Buffer;
}

export type BatchState = 'composed' | 'frozen' | 'accepted' | 'failed' | 'unknown' | 'split' | 'empty';

export interface BatchesTable {
  id: Id;
  edition_date: Day;
  range_id: number;
  origin_id: number | null;
  /** The first and last subscriber of its digests: they are neighbours in the primary key. */
  from_id: number;
  to_id: number;
  positions: number[];
  state: Generated<BatchState>;
  lease: number | null;
  attempts: Generated<number>;
  next_attempt_at: At;
  key: string | null;
  shell_id: number | null;
  body_sha256: Buffer | null;
  transport: string | null;
  frozen_at: Date | null;
  first_attempt_at: Date | null;
  uncertain_at: Date | null;
  /** Members left out at the freeze: position → skip reason. */
  dropped: JSONColumnType<Record<string, string>> | null;
  /** Members the transport refused: position → its words. */
  refused: JSONColumnType<Record<string, string>> | null;
  /** The transport's ids, by place in `positions`; null where dropped or refused. */
  receipt: (string | null)[] | null;
  /** Why a failed batch failed, where it is the sender or the content; null is a plain refusal. */
  failure: 'policy' | 'content' | null;
  reason: string | null;
  settled_at: Date | null;
  /** A webhook spoke of a member before any answer was written down. */
  proved_at: Date | null;
  created_at: At;
}

export interface DigestsTable {
  subscriber_id: number;
  local_date: Day;
  batch_id: number | null;
  position: number | null;
  skipped: string | null;
  paper_ids: Generated<number[]>;
  composition: Generated<number[]>;
  address: string | null;
  address_version: Generated<number>;
  key_id: string | null;
  delivered_at: Date | null;
  bounced_at: Date | null;
  bounce_class: string | null;
  /** The receiving server's words. */
  bounce_detail: string | null;
  complained_at: Date | null;
  failed_at: Date | null;
}

export type NoticeKind = 'confirm' | 'welcome' | 'link' | 'announcement';
export type NoticeState = 'composed' | 'frozen' | 'accepted' | 'failed' | 'unknown' | 'dropped';

export interface NoticesTable {
  id: Id;
  subscriber_id: number;
  kind: NoticeKind;
  cause: string;
  address: string;
  state: Generated<NoticeState>;
  lease: number | null;
  attempts: Generated<number>;
  next_attempt_at: At;
  key: string | null;
  body: Buffer | null;
  body_sha256: Buffer | null;
  transport: string | null;
  frozen_at: Date | null;
  first_attempt_at: Date | null;
  uncertain_at: Date | null;
  receipt: string | null;
  reason: string | null;
  settled_at: Date | null;
  delivered_at: Date | null;
  bounced_at: Date | null;
  bounce_class: string | null;
  bounce_detail: string | null;
  complained_at: Date | null;
  created_at: At;
  /** Of a welcome that brings the first digest; null in all others. */
  local_date: string | null;
  made_at: Date | null;
  paper_ids: Generated<number[]>;
  composition: Generated<number[]>;
  shell_id: number | null;
  key_id: string | null;
  announcement_id: number | null;
}

export interface AnnouncementsTable {
  id: Id;
  /** MJML, as it was written. */
  source: string;
  sha256: Buffer;
  created_at: At;
  /** Null is everybody; undecided while it is a draft. */
  topic_id: number | null;
  /** Fixed at the start, placeholders in place; null while it is a draft. */
  subject: string | null;
  html: string | null;
  text: string | null;
  started_at: Date | null;
  /** The last subscriber who was there at the start. */
  through_id: Generated<number>;
  /** The last subscriber of the last set. */
  walked_id: Generated<number>;
  /** Readers who had the same text from an earlier announcement. */
  already: Generated<number>;
  released_at: Date | null;
  stopped_at: Date | null;
  closed_at: Date | null;
  ledger: JSONColumnType<object> | null;
}

export interface GatesTable {
  transport: string;
  next_slot_at: At;
  per_second: number | null;
  parked_until: Date | null;
  halted_at: Date | null;
  reason: string | null;
  /** The UTC day that `mails` counts, where there is a daily cap: what was accepted, or may be. */
  mails_on: string | null;
  mails: Generated<number>;
  /** When the transport's own suppression list is looked through next, and up to which entry it was. */
  list_look_at: Date | null;
  list_read_through: Date | null;
}

export interface WebhookEventsTable {
  svix_id: string;
  received_on: ColumnType<string, string | undefined, never>;
  received_at: At;
  type: string;
  body: string;
  processed_at: Date | null;
  result: string | null;
  next_look_at: At;
}

export type SuppressionReason = 'hard_bounce' | 'soft_bounces' | 'complaint' | 'manual' | 'erased';

/** Who said so; `transport` is a mail server that refused the address while it was asked, or the provider's own list. */
export type SuppressionOrigin = 'webhook' | 'operator' | 'import' | 'reader' | 'transport';

export interface SuppressionsTable {
  address_hash: Buffer;
  reason: SuppressionReason;
  origin: SuppressionOrigin;
  detail: string | null;
  created_at: At;
}

export interface PicturesTable {
  sha256: Buffer;
  bytes: Buffer;
  width: number;
  height: number;
  created_at: At;
}

export interface PaperPicturesTable {
  paper_id: number;
  /** Where it was fetched from: another address is another picture. */
  address: string;
  wide: Buffer | null;
  small: Buffer | null;
  attempts: Generated<number>;
  next_attempt_at: At;
}

export interface InstallationTable {
  only: Generated<boolean>;
  id: Generated<string>;
  /** Goes up whenever papers, matches or topics change; the edition index is keyed by it. */
  data_generation: Generated<number>;
  scheduler_ticked_at: Date | null;
  /** The server and timeline whose mail this is; null where it cannot be asked. */
  server_identity: string | null;
  /** When it was first found to be another server or timeline. */
  moved_at: Date | null;
  /** Editions up to this date are not mailed from here: the server before may have. */
  handled_through: string | null;
  created_at: At;
}

/** An address that is to come off the transport's own suppression list. */
export interface LiftsTable {
  address: string;
  transport: string;
  reason: 'left' | 'lifted';
  /** Not before this batch has been settled for a while. */
  batch_id: number | null;
  created_at: At;
}

export interface OperatorActionsTable {
  id: ColumnType<string, never, never>;
  at: At;
  operator: string;
  action: string;
  subscriber_id: number | null;
  subject: string | null;
}

export interface OperatorReportsTable {
  day: Day;
  cause: string;
  key: string;
  body: Buffer | null;
  attempts: Generated<number>;
  next_attempt_at: At;
  accepted_at: Date | null;
  lease: number | null;
  transport: string | null;
  first_attempt_at: Date | null;
  uncertain_at: Date | null;
  settled_at: Date | null;
  reason: string | null;
}

export interface MailboxMessagesTable {
  id: Generated<string>;
  at: At;
  from_address: string;
  to_address: string;
  subject: string;
  html: Generated<string>;
  text: Generated<string>;
  headers: JSONColumnType<Record<string, string>>;
  tags: JSONColumnType<Record<string, string>>;
  last_event: Generated<string>;
  place: ColumnType<string, never, never>;
  scheduled_at: Date | null;
}

export interface MailboxKeysTable {
  endpoint: string;
  key: string;
  body_sha256: Buffer;
  status: number | null;
  answer: string | null;
  created_at: At;
}

export interface MailboxSuppressionsTable {
  id: Generated<string>;
  email: string;
  origin: 'bounce' | 'complaint' | 'manual';
  source_id: string | null;
  created_at: At;
  place: ColumnType<string, never, never>;
}

export interface MailboxUsageTable {
  day: Day;
  mails: number;
}

export interface MailboxWebhooksTable {
  id: Generated<string>;
  endpoint: string;
  events: string[];
  signing_secret: string;
  status: Generated<'enabled' | 'disabled'>;
  created_at: At;
}
