import type { Reading } from '../domain/paper.ts';

/** Where papers come from: one list a UTC day. */
export interface Source {
  /** As stored with every listing: `huggingface`, `file`, `sample`. */
  name: string;
  /**
   * The list of a day (`YYYY-MM-DD`, UTC), complete or as far as it goes.
   * Throws SourceError when the source does not answer or answers nonsense; a day without papers is no error.
   */
  read(day: string, signal: AbortSignal): Promise<DayReading>;
}

export interface DayReading extends Reading {
  /** The list was read after its UTC day had ended: nothing will be added to it. */
  closed: boolean;
}

/** What went wrong with a source or a file, for a person: what happened, to which thing, what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** `unreachable`: no answer; `refused`: an answer that says no; `malformed`: an answer or a file that makes no sense. */
  readonly kind: 'unreachable' | 'refused' | 'malformed';

  constructor(kind: SourceError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
