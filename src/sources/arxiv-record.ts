import type { Authority, PaperRecord, Reading, Rejection } from '../domain/paper.ts';
import { arxivCategories } from '../domain/arxiv-categories.ts';
import { arxivKey, arxivPage, arxivPdf, parseArxivId } from '../domain/arxiv-id.ts';
import { listAuthors } from './arxiv-names.ts';
import { cleanAbstract } from './clean.ts';
import { quote, readTitle } from './fields.ts';
import { saysWithdrawn } from './withdrawal.ts';

/** What any of arXiv's formats tells of one version of a paper, as it stands there. */
export interface Told {
  id: string | undefined;
  title: string | undefined;
  abstract: string | undefined;
  comment?: string | undefined;
  authors: readonly string[];
  /** As written: categories, their second names, and codes that are none. */
  categories: readonly string[];
  publishedAt?: Date | undefined;
  listedOn: string;
  isUnlisted?: boolean;
  authority: Authority;
}

/** How to find the listing day of records, which only the daily feed names. */
export interface RecordDay {
  /** Wins over what records of other formats let guess. */
  date?: string | undefined;
  /** Where nothing lets guess. */
  otherwise: string;
}

export type Parsed = PaperRecord | { fault: string } | { deletedKey: string };

/** A reading of one of arXiv's formats. */
export interface ArxivReading extends Reading {
  format: 'feed' | 'query' | 'records';
  deleted: string[];
  /** The day whose announcement a feed holds. */
  announcedOn?: string;
}

/** What was told, checked and cleaned, or why it is no paper. */
export function toRecord(told: Told): PaperRecord | { fault: string } {
  if (told.id === undefined) return { fault: 'has no identifier' };
  const id = parseArxivId(told.id);
  if (!id) return { fault: `its identifier ${quote(told.id)} is none of arXiv's` };
  const title = readTitle(told.title);
  if (typeof title !== 'string') return title;

  const { authors, authorsCount } = listAuthors(told.authors);
  const categories = arxivCategories(told.categories);
  const { abstract, comment } = told;
  const isWithdrawn = saysWithdrawn({
    ...(abstract !== undefined && { abstract }),
    ...(comment !== undefined && { comment }),
  });
  return {
    key: arxivKey(id.id),
    ...(id.version !== undefined && { version: id.version }),
    title,
    ...(abstract !== undefined && { abstract: cleanAbstract(abstract) }),
    ...(authors.length > 0 && { authors, authorsCount }),
    ...(categories.length > 0 && { categories }),
    ...(told.publishedAt !== undefined && { publishedAt: told.publishedAt }),
    url: arxivPage(id.id),
    pdfUrl: arxivPdf(id.id),
    listedOn: told.listedOn,
    authority: told.authority,
    ...(told.isUnlisted && { isUnlisted: true }),
    ...(isWithdrawn && { withdrawn: true }),
  };
}

/**
 * Many records as one reading. A paper that stands there twice (a feed of two categories, two versions) is taken once:
 * its newest version, listed if any of them was.
 */
export function gather(parsed: readonly Parsed[]): Required<Reading> {
  const papers = new Map<string, PaperRecord>();
  const rejected: Rejection[] = [];
  const deleted = new Set<string>();
  for (const [index, record] of parsed.entries()) {
    if ('fault' in record) rejected.push({ index, reason: record.fault });
    else if ('deletedKey' in record) deleted.add(record.deletedKey);
    else papers.set(record.key, newerOf(papers.get(record.key), record));
  }
  return { papers: [...papers.values()], rejected, deleted: [...deleted] };
}

function newerOf(before: PaperRecord | undefined, record: PaperRecord): PaperRecord {
  if (!before) return record;
  const isNewer = (record.version ?? 0) > (before.version ?? 0);
  const { isUnlisted: _, ...newest } = isNewer ? record : before;
  return {
    ...newest,
    ...(before.isUnlisted && record.isUnlisted && { isUnlisted: true }),
    ...((before.withdrawn || record.withdrawn) && { withdrawn: true }),
  };
}
