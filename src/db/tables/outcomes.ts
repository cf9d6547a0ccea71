import type { ColumnType, Generated } from 'kysely';
import type { At } from './columns.ts';

// The gate that mail leaves by, what the world reported, and who gets none.

export interface GatesTable {
  transport: string;
  next_slot_at: At;
  /** The last places that were given, oldest first. */
  places: Generated<Date[]>;
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

/** An address that is to come off the transport's own suppression list. */
export interface LiftsTable {
  address: string;
  transport: string;
  reason: 'left' | 'lifted';
  /** Not before this batch has been settled for a while. */
  batch_id: number | null;
  created_at: At;
}
