import type { PaperRecord, Reading, Rejection } from '../domain/paper.ts';
import { arxivKey, arxivPage, arxivPdf, parseArxivId } from '../domain/arxiv-id.ts';
import { cleanAbstract, cleanName, cleanSummary } from './clean.ts';
import { calendarDay, moment } from './dates.ts';
import {
  authors,
  count,
  describe,
  field,
  type Fields,
  isObject,
  keywordsMax,
  names,
  quote,
  readTitle,
  text,
} from './fields.ts';
import { httpsLink, pictureLink } from './links.ts';

/** How to find the listing day of an entry. */
export interface ListingDay {
  /** Wins over what the entries say: the day we asked the API for. */
  asked?: string;
  /** For entries that do not say: before 2025-03-17 none did. */
  otherwise?: string;
}

/**
 * The array of `/api/daily_papers`, in any shape it has had since 2024: parsed leniently, field by field.
 * A bad entry is rejected with its index; a paper that stands there twice is taken once.
 */
export function parseDailyPapers(entries: readonly unknown[], day: ListingDay): Reading {
  const papers = new Map<string, PaperRecord>();
  const rejected: Rejection[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = parseEntry(entry, day);
    if ('fault' in parsed) rejected.push({ index, reason: parsed.fault });
    else addOnce(papers, parsed);
  }
  return { papers: [...papers.values()], rejected };
}

/** Whether a record has the shape of the API's entries: the paper is an object of its own within it. */
export function isDailyPapersEntry(value: unknown): value is Fields {
  return isObject(value) && isObject(field(value, 'paper'));
}

/** One entry of the array as a record, or why not. */
export function parseEntry(entry: unknown, day: ListingDay): PaperRecord | { fault: string } {
  if (!isObject(entry)) return { fault: `is ${describe(entry)}, not an object` };
  const paper = field(entry, 'paper');
  if (!isObject(paper)) return { fault: 'has no "paper" object' };

  const givenId = field(paper, 'id');
  const id = typeof givenId === 'string' ? parseArxivId(givenId) : undefined;
  if (!id)
    return {
      fault: givenId === undefined ? 'has no paper.id' : `paper.id ${quote(givenId)} is no arXiv identifier`,
    };

  const title = readTitle(field(paper, 'title') ?? field(entry, 'title'));
  if (typeof title !== 'string') return title;

  const listedOn = listingDay(entry, paper, day);
  if (listedOn === undefined) return { fault: 'does not say on which day it was listed' };

  return {
    key: arxivKey(id.id),
    title,
    listedOn,
    url: arxivPage(id.id),
    pdfUrl: arxivPdf(id.id),
    ...details(entry, paper),
  };
}

/** Everything a paper can do without; what makes no sense is left out. */
function details(entry: Fields, paper: Fields): Partial<PaperRecord> {
  const abstract = text(field(paper, 'summary')) ?? text(field(entry, 'summary'));
  const summary = text(field(paper, 'ai_summary'));
  const keywords = names(field(paper, 'ai_keywords'), keywordsMax);
  const organization = readOrganization(entry, paper);
  // The entry's own publishedAt was the moment of listing until early 2025, the paper's never was.
  const publishedAt = moment(field(paper, 'publishedAt'));
  const codeUrl = httpsLink(field(paper, 'githubRepo'));
  const projectUrl = httpsLink(field(paper, 'projectPage'));
  const thumbnailUrl = pictureLink(field(entry, 'thumbnail')) ?? pictureLink(field(entry, 'mediaUrl'));
  const votes = count(field(paper, 'upvotes'));
  const comments = count(field(entry, 'numComments'));
  const codeStars = count(field(paper, 'githubStars'));
  return {
    ...authors(field(paper, 'authors')),
    ...(abstract !== undefined && { abstract: cleanAbstract(abstract) }),
    ...(summary !== undefined && { summary: cleanSummary(summary) }),
    ...(keywords !== undefined && { keywords }),
    ...(organization !== undefined && { organization }),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(codeUrl !== undefined && { codeUrl }),
    ...(projectUrl !== undefined && { projectUrl }),
    ...(thumbnailUrl !== undefined && { thumbnailUrl }),
    ...(votes !== undefined && { votes }),
    ...(comments !== undefined && { comments }),
    ...(codeStars !== undefined && { codeStars }),
    ...(moment(field(paper, 'withdrawnAt')) !== undefined && { withdrawn: true }),
  };
}

function listingDay(entry: Fields, paper: Fields, day: ListingDay): string | undefined {
  return (
    day.asked ??
    calendarDay(field(paper, 'submittedOnDailyAt')) ??
    day.otherwise ??
    calendarDay(field(entry, 'publishedAt')) ??
    calendarDay(field(paper, 'publishedAt'))
  );
}

/** `organization` since October 2025, for three days before that `submitterOrganization`; the full name is the printable one. */
function readOrganization(entry: Fields, paper: Fields): string | undefined {
  for (const value of [
    field(paper, 'organization'),
    field(entry, 'organization'),
    field(entry, 'submitterOrganization'),
    field(paper, 'submitterOrganization'),
  ]) {
    if (!isObject(value)) continue;
    const given = text(field(value, 'fullname')) ?? text(field(value, 'name'));
    const name = given === undefined ? '' : cleanName(given);
    if (name !== '') return name;
  }
  return undefined;
}

/** The same paper twice in one list: the first place stays, and a later entry fills what the first left out. */
export function addOnce(papers: Map<string, PaperRecord>, paper: PaperRecord): void {
  const place = `${paper.key} ${paper.listedOn}`;
  const first = papers.get(place);
  papers.set(place, first ? { ...paper, ...first } : paper);
}
