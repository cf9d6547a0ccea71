import type { Generated } from 'kysely';
import type { At, Day, Id } from './columns.ts';

// Who gets mail, when, and what they want.

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

/** When they undid their unsubscription or their complaint. */
export interface ReturnsTable {
  subscriber_id: number;
  at: At;
  left_at: Date | null;
  undid_complaint: boolean;
}

export interface TastesTable {
  subscriber_id: number;
  paper_id: number;
  says: 'more' | 'less';
  created_at: At;
}
