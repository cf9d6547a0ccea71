/**
 * One paper as a source tells it, cleaned and checked: what ingest upserts by `key`.
 * `undefined` means "the source does not say", which keeps what is stored; null is never used.
 */
export interface PaperRecord {
  /** The stable key, whatever the version: `arxiv:2511.20462`, `arxiv:hep-th/9901001`, or `url:…`. */
  key: string;
  version?: number;
  title: string;
  abstract?: string;
  /** A short summary made by the source. */
  summary?: string;
  /** At most `authorsMax` names; `authorsCount` has the true number. */
  authors?: string[];
  authorsCount?: number;
  organization?: string;
  categories?: string[];
  keywords?: string[];
  publishedAt?: Date;
  url: string;
  pdfUrl?: string;
  codeUrl?: string;
  projectUrl?: string;
  thumbnailUrl?: string;
  votes?: number;
  comments?: number;
  codeStars?: number;
  /** The source's day, `YYYY-MM-DD` (UTC). */
  listedOn: string;
  /** Only tells of a paper, as the announcement of a new version does: the day's list doesn't hold it. */
  isUnlisted?: boolean;
  withdrawn?: boolean;
  /** Whose text this is; absent for a copy at second hand. */
  authority?: Authority;
}

/**
 * What is closer to the author wins: arXiv's records with their parted names, then its daily feed, then everybody's
 * copies. A newer version wins before that, by the version arXiv states.
 */
export type Authority = 'record' | 'feed';

/** A record that was not taken: its place in the input, from 0, and why, for a person. */
export interface Rejection {
  index: number;
  reason: string;
}

/** What a source's list of a day, or a file, came to. */
export interface Reading {
  papers: PaperRecord[];
  rejected: Rejection[];
  /** Keys of papers that the source took back without a further word. */
  deleted?: string[];
}

export const authorsMax = 100;
export const categoriesMax = 20;
export const titleCharactersMax = 400;
export const abstractCharactersMax = 6000;
export const summaryCharactersMax = 1500;
