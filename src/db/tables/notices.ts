import type { Generated, JSONColumnType } from 'kysely';
import type { At, Id } from './columns.ts';

// All other mails, and announcements.

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
  /** What the first digest is made of, as digests have it. */
  packed: Buffer | null;
  /** The same in rows older than `packed`. */
  composition: number[] | null;
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
