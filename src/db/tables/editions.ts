import type { Generated, JSONColumnType } from 'kysely';
import type { At, Day, Id } from './columns.ts';

// Editions, from the slots that were due to the digests that were mailed.

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
  /** Of batches that were frozen before there was `body_hash`. */
  body_sha256: Buffer | null;
  body_hash: Buffer | null;
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
  /** In place of `receipt` where all of them are UUIDs. */
  receipt_uuids: (string | null)[] | null;
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
  /** What it is made of, as src/domain/digest.ts packs it; null where it was skipped, or erased. */
  packed: Buffer | null;
  /** The same in rows older than `packed`; null in newer ones. */
  composition: number[] | null;
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
