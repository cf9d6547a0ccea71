import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { BodyCut } from '../mailbox-bodies.ts';
import type { At, Day } from './columns.ts';

// What the mailbox keeps over a restart.

export interface MailboxMessagesTable {
  id: Generated<string>;
  at: At;
  from_address: string;
  to_address: string;
  subject: string;
  /** Of mails that came before bodies were packed; empty in all others. */
  html: Generated<string>;
  text: Generated<string>;
  headers: JSONColumnType<Record<string, string>>;
  tags: JSONColumnType<Record<string, string>>;
  last_event: Generated<string>;
  place: ColumnType<string, never, never>;
  scheduled_at: Date | null;
  /** Its request's bodies, and where in them its own lies; null in mails of before. */
  body_id: string | null;
  body_cut: BodyCut | null;
  html_bytes: number | null;
}

export interface MailboxBodiesTable {
  id: ColumnType<string, never, never>;
  packed: Buffer;
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
