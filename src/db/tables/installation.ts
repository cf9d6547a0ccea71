import type { ColumnType, Generated } from 'kysely';
import type { At, Day } from './columns.ts';

// The installation itself, and what its operators did and were told.

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
  /** Of the key that the suppressions were made with; null before the first process has told it. */
  suppression_key_fingerprint: Buffer | null;
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
