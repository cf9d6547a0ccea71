import type { ColumnType, Generated } from 'kysely';
import type { TopicKind } from '../../domain/topic.ts';
import type { At, Day, Id } from './columns.ts';

// Papers, what lists and counts said of them, their pictures and vectors, and the topics they match.

export interface PapersTable {
  id: Id;
  key: string;
  version: number | null;
  title: string;
  abstract: string;
  summary: string;
  authors: string[];
  authors_count: number;
  organization: string | null;
  categories: string[];
  keywords: string[];
  published_at: Date | null;
  url: string;
  pdf_url: string | null;
  code_url: string | null;
  project_url: string | null;
  thumbnail_url: string | null;
  votes: number;
  comments: number;
  code_stars: number | null;
  /** Null while no list has held it. */
  first_listed_on: Day | null;
  text_rank: number;
  text_read_at: Date;
  facts_read_at: Date;
  withdrawn_at: Date | null;
  hidden_at: Date | null;
  featured_at: Date | null;
  editor_note: Generated<string>;
  content_sha256: Buffer;
  revision: Generated<number>;
  created_at: At;
  updated_at: At;
  search: ColumnType<string, string, string>;
}

interface VectorColumns {
  model: string;
  /** Of the text that was embedded. */
  text_md5: string;
  /** 32-bit floats, of length 1 together. */
  vector: Buffer;
}

export interface PaperVectorsTable extends VectorColumns {
  paper_id: number;
}

export interface TopicVectorsTable extends VectorColumns {
  topic_id: number;
}

export interface NearestPapersTable {
  topic_id: number;
  paper_id: number;
  /** Cosine. */
  nearness: number;
}

export interface ListingsTable {
  source: string;
  listed_on: Day;
  paper_id: number;
  place: number;
  first_seen_at: At;
}

export interface SnapshotsTable {
  paper_id: number;
  captured_at: Date;
  votes: number;
  comments: number;
  code_stars: number | null;
}

export interface PicturesTable {
  sha256: Buffer;
  bytes: Buffer;
  width: number;
  height: number;
  created_at: At;
}

export interface PaperPicturesTable {
  paper_id: number;
  /** Where it was fetched from: another address is another picture. */
  address: string;
  wide: Buffer | null;
  small: Buffer | null;
  attempts: Generated<number>;
  next_attempt_at: At;
}

export interface TopicsTable {
  id: Id;
  kind: TopicKind;
  definition: string;
  slug: string | null;
  name: string;
  description: Generated<string>;
  retired_at: Date | null;
  operated_at: Date | null;
  merged_into: number | null;
  matched_through: Generated<number>;
  created_at: At;
}

export interface MatchesTable {
  topic_id: number;
  paper_id: number;
  relevance: number;
  in_title: boolean;
  /** The topic's phrase that counted most, or whom or what it was met by; null where the paper is only alike to the topic's papers. */
  phrase: string | null;
}
