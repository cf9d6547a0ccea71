import type {
  BatchesTable,
  DigestsTable,
  EditionCountsTable,
  EditionsTable,
  FragmentsTable,
  MissedSlotsTable,
  RangesTable,
  ShellsTable,
} from './tables/editions.ts';
import type { InstallationTable, OperatorActionsTable, OperatorReportsTable } from './tables/installation.ts';
import type {
  MailboxBodiesTable,
  MailboxKeysTable,
  MailboxMessagesTable,
  MailboxSuppressionsTable,
  MailboxUsageTable,
  MailboxWebhooksTable,
} from './tables/mailbox.ts';
import type { AnnouncementsTable, NoticesTable } from './tables/notices.ts';
import type { GatesTable, LiftsTable, SuppressionsTable, WebhookEventsTable } from './tables/outcomes.ts';
import type {
  ListingsTable,
  MatchesTable,
  NearestPapersTable,
  PaperPicturesTable,
  PaperVectorsTable,
  PapersTable,
  PicturesTable,
  SnapshotsTable,
  TopicVectorsTable,
  TopicsTable,
} from './tables/papers.ts';
import type {
  RawAnswersTable,
  SourceChecksTable,
  SourceDaysTable,
  SourceGatesTable,
} from './tables/sources.ts';
import type {
  FollowsTable,
  ReturnsTable,
  SlotsTable,
  SubscribersTable,
  TastesTable,
} from './tables/subscribers.ts';

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
  returns: ReturnsTable;
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
  mailbox_bodies: MailboxBodiesTable;
  mailbox_keys: MailboxKeysTable;
  mailbox_suppressions: MailboxSuppressionsTable;
  mailbox_usage: MailboxUsageTable;
  mailbox_webhooks: MailboxWebhooksTable;
}
