import type { ColumnType } from 'kysely';
import type { At, Day } from './columns.ts';

// Where papers come from: their days, their turns, their answers as they came.

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
