import type { Reading } from '../domain/paper.ts';

/** Where papers come from: one list a UTC day. */
export interface Source {
  /** As stored with every listing: `huggingface`, `arxiv:cs.LG+cs.CV`, `file`, `sample`. */
  name: string;
  /**
   * The list of a day (`YYYY-MM-DD`, UTC), complete or as far as it goes.
   * Throws SourceError when the source does not answer or answers nonsense; a day without papers is no error.
   */
  read(day: string, signal: AbortSignal, archive?: Archive): Promise<DayReading>;
  /** The same from an answer kept. Throws SourceError when it makes no sense. */
  reread(day: string, answer: Answer): DayReading;
}

/** What came over the wire, page by page, before anybody looked into it. */
export interface Answer {
  pages: readonly string[];
  /** It came after the day had ended. */
  closed: boolean;
  /** By which the source can tell whether it has changed since. */
  etag?: string | undefined;
}

/** Where answers are kept, those that make no sense too: a mended parser may find some. */
export interface Archive {
  keep(answer: Answer): Promise<void>;
  /** The newest answer kept of this source, if it had a tag. */
  newest?: Answer | undefined;
}

export interface DayReading extends Reading {
  /** The list was read after its UTC day had ended: nothing will be added to it. */
  closed: boolean;
  /** The day that the source itself says its list is of; absent where it only answers for the day asked. */
  announcedOn?: string;
  /** The source cuts its list off after so many papers. */
  cutAt?: number;
  /** What operators should know of this list. */
  note?: string;
}

/** Holds back requests to a source that wants to be asked slowly, over all processes. */
export interface SourceGate {
  /** Waits for its turn, asks, gives the turn back. Throws SourceError while the source wants silence. */
  pass<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T>;
  /** The source said that it is asked too much. */
  silence(forMs: number, reason: string): Promise<void>;
}

/** What went wrong with a source or a file, for a person: what happened, to which thing, what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  /** `unreachable`: no answer; `refused`: an answer that says no; `malformed`: an answer or a file that makes no sense. */
  readonly kind: 'unreachable' | 'refused' | 'malformed';
  /** The source's own word for what is wrong, where it has one: OAI-PMH's `noRecordsMatch`. */
  readonly code: string | undefined;

  constructor(kind: SourceError['kind'], message: string, options?: ErrorOptions & { code?: string }) {
    super(message, options);
    this.kind = kind;
    this.code = options?.code;
  }
}
