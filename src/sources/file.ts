import { basename } from 'node:path';

import type { PaperRecord, Reading, Rejection } from '../domain/paper.ts';
import { isRecordedAnswer, readArxivFile, readRecordedAnswers } from './arxiv-file.ts';
import type { ArxivReading } from './arxiv-record.ts';
import { calendarDay } from './dates.ts';
import { describe, field, isObject } from './fields.ts';
import { expected, malformed, readText } from './file-text.ts';
import { addOnce, isDailyPapersEntry, parseEntry } from './huggingface.ts';
import { parsePaperLine } from './paper-line.ts';

export interface FileOptions {
  /** The listing day (`YYYY-MM-DD`) of records that do not say. */
  date?: string | undefined;
  /** Today in UTC, for records that do not say in a file whose name does not say either. */
  today: string;
}

export interface FileReading extends Reading {
  /** What the listings are stored under: the source whose format it is, `file` for paper lines. */
  source: 'huggingface' | 'arxiv' | 'file';
  /** The days whose lists this file closes, in order. */
  days: string[];
}

/**
 * Reads a file of papers, told apart by content: the array of Hugging Face's daily_papers, paper JSON lines, one array of
 * such, arXiv's XML, or such XML as an HTTP recorder keeps it. The whole file is read and checked before anything is given back, so nothing is ever half-taken.
 * Throws SourceError, naming the file, when it is none of these; single bad records are rejected by index.
 */
export async function readPaperFile(path: string, options: FileOptions): Promise<FileReading> {
  const content = await readText(path);
  const namedDay = calendarDay(/\d{4}-\d{2}-\d{2}/.exec(basename(path))?.[0]);
  const arxivDay = { date: options.date, otherwise: namedDay ?? options.today };
  if (content.trimStart().startsWith('<')) return ofArxiv(readArxivFile(path, content, arxivDay));
  const records = readRecords(path, content);
  const values = records.map((record) => ('value' in record ? record.value : undefined));
  if (values.length > 0 && values.every(isRecordedAnswer)) {
    return ofArxiv(readRecordedAnswers(path, values, arxivDay));
  }
  const fallbackDay = options.date ?? namedDay;

  const papers = new Map<string, PaperRecord>();
  const rejected: Rejection[] = [];
  let dailyPapers = 0;
  for (const [index, record] of records.entries()) {
    if ('fault' in record) {
      rejected.push({ index, reason: record.fault });
      continue;
    }
    const isDaily = isDailyPapersEntry(record.value);
    if (isDaily) dailyPapers += 1;
    const parsed = isDaily
      ? parseEntry(record.value, { ...(fallbackDay !== undefined && { otherwise: fallbackDay }) })
      : parsePaperLine(record.value, fallbackDay ?? options.today);
    if ('fault' in parsed) rejected.push({ index, reason: parsed.fault });
    else addOnce(papers, parsed);
  }
  const days = new Set([...papers.values()].map((paper) => paper.listedOn));
  // An empty list is a fact about its day: nothing was listed.
  if (records.length === 0) days.add(fallbackDay ?? options.today);
  return {
    papers: [...papers.values()],
    rejected,
    source: dailyPapers > 0 || records.length === 0 ? 'huggingface' : 'file',
    days: [...days].toSorted(),
  };
}

/** A feed closes the list of its day even where nothing was announced; other formats close the days they name papers of. */
function ofArxiv(reading: ArxivReading): FileReading {
  const { papers, rejected, deleted, announcedOn } = reading;
  const days = new Set(papers.filter((paper) => !paper.isUnlisted).map((paper) => paper.listedOn));
  if (announcedOn !== undefined) days.add(announcedOn);
  return { papers, rejected, deleted, source: 'arxiv', days: [...days].toSorted() };
}

type RawRecord = { value: unknown } | { fault: string };

/** The records of a text: elements of its one array, or its lines. */
function readRecords(path: string, content: string): RawRecord[] {
  const first = content.trimStart()[0];
  if (first === undefined) throw malformed(path, 'is empty; there is nothing to read in it');
  if (first === '[') return readArray(path, content);
  if (first === '{') return readObjects(path, content);
  throw malformed(path, `starts with ${JSON.stringify(first)}; ${expected}`);
}

function readArray(path: string, content: string): RawRecord[] {
  const whole = parseJson(content);
  if ('fault' in whole)
    throw malformed(path, `is not complete JSON (${whole.fault}); fetch or export it again`);
  const entries = whole.value as unknown[];
  if (entries.length > recordsMax) {
    throw malformed(
      path,
      `holds ${entries.length} records; at most ${recordsMax} are taken at once, so split it`,
    );
  }
  if (entries.some((entry) => isObject(entry) && 'highlightedTitle' in entry)) {
    throw malformed(
      path,
      'is an answer of the search API, not the list of a day; fetch /api/daily_papers?date=… instead',
    );
  }
  const first = entries.find((entry) => !isObject(entry));
  if (entries.length > 0 && !entries.some(isObject)) {
    throw malformed(
      path,
      `is a list of ${entries.length} entries none of which is a JSON object (the first is ${describe(first)})${pythonHint(first)}`,
    );
  }
  if (entries.length > 0 && !entries.some((entry) => isPaper(entry) || isRecordedAnswer(entry))) {
    throw malformed(
      path,
      `is a list of ${entries.length} objects none of which has an id, a key or a title (the first has ${memberNames(entries.find(isObject)!)})`,
    );
  }
  return entries.map((value) => ({ value }));
}

function memberNames(value: object): string {
  const names = Object.keys(value).slice(0, 6);
  return names.map((name) => JSON.stringify(name.slice(0, 30))).join(', ') || 'nothing in it';
}

function readObjects(path: string, content: string): RawRecord[] {
  const whole = parseJson(content);
  if ('value' in whole) {
    if (isPaper(whole.value)) return [{ value: whole.value }];
    const inner = isObject(whole.value) ? field(whole.value, 'data') : undefined;
    const hint = Array.isArray(inner) ? pythonHint(inner[0]) : '';
    throw malformed(
      path,
      `is one JSON object with ${memberNames(whole.value as object)}, not a list of papers${hint}; ${expected}`,
    );
  }
  const records: RawRecord[] = [];
  for (const line of content.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line);
    records.push('fault' in parsed ? { fault: `is not a line of JSON (${parsed.fault})` } : parsed);
    if (records.length > recordsMax) throw malformed(path, `holds more than ${recordsMax} lines; split it`);
  }
  if (records.every((record) => 'fault' in record)) {
    throw malformed(path, `is not complete JSON, and no line of it is JSON by itself; ${expected}`);
  }
  return records;
}

const recordsMax = 100_000;

const isPaper = (value: unknown): boolean =>
  isObject(value) &&
  (isDailyPapersEntry(value) || ['id', 'key', 'title'].some((name) => field(value, name) !== undefined));

/** What an archiver leaves that printed Python values instead of JSON. */
const pythonHint = (value: unknown): string =>
  typeof value === 'string' && value.startsWith("{'") ? ': its entries are Python text, not JSON' : '';

function parseJson(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    // The parser quotes what it stumbled over; a reason must not carry a stranger's line breaks.
    return {
      fault:
        error instanceof Error ? error.message.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 120) : 'unreadable',
    };
  }
}
