import { open } from 'node:fs/promises';
import { basename } from 'node:path';

import type { PaperRecord, Reading, Rejection } from '../domain/paper.ts';
import { calendarDay, field, isObject } from './fields.ts';
import { addOnce, describe, isDailyPapersEntry, parseEntry } from './huggingface.ts';
import { parsePaperLine } from './paper-line.ts';
import { SourceError } from './source.ts';

export interface FileOptions {
  /** The listing day (`YYYY-MM-DD`) of records that do not say. */
  date?: string | undefined;
  /** Today in UTC, for records that do not say in a file whose name does not say either. */
  today: string;
}

export interface FileReading extends Reading {
  /** What the listings are stored under: `huggingface` for its own format, `file` for paper lines. */
  source: 'huggingface' | 'file';
  /** The days whose lists this file closes, in order. */
  days: string[];
}

export const fileBytesMax = 64 * 1024 * 1024;

/**
 * Reads a file of papers, told apart by content: the array of Hugging Face's daily_papers, paper JSON lines, or one
 * array of such. The whole file is read and checked before anything is given back, so nothing is ever half-taken.
 * Throws SourceError, naming the file, when it is none of these; single bad records are rejected by index.
 */
export async function readPaperFile(path: string, options: FileOptions): Promise<FileReading> {
  const records = readRecords(path, decodeText(path, await readBounded(path)));
  const fallbackDay = options.date ?? calendarDay(/\d{4}-\d{2}-\d{2}/.exec(basename(path))?.[0]);

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

type RawRecord = { value: unknown } | { fault: string };

/** The records of a text: elements of its one array, or its lines. */
function readRecords(path: string, content: string): RawRecord[] {
  const first = content.trimStart()[0];
  if (first === undefined) throw malformed(path, 'is empty; there is nothing to read in it');
  if (first === '<') {
    throw malformed(
      path,
      'looks like XML or HTML; arXiv Atom, RSS and OAI files cannot be read yet, only Hugging Face daily_papers JSON and paper JSON lines',
    );
  }
  if (first === '[') return readArray(path, content);
  if (first === '{') return readObjects(path, content);
  throw malformed(path, `starts with ${JSON.stringify(first)}; ${expected}`);
}

const expected =
  'expected Hugging Face daily_papers JSON or paper JSON lines (one {"id":…,"title":…} a line)';

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
  return entries.map((value) => ({ value }));
}

function readObjects(path: string, content: string): RawRecord[] {
  const whole = parseJson(content);
  if ('value' in whole) {
    if (isPaper(whole.value)) return [{ value: whole.value }];
    const members = Object.keys(whole.value as object)
      .slice(0, 6)
      .map((member) => JSON.stringify(member.slice(0, 30)));
    const inner = isObject(whole.value) ? field(whole.value, 'data') : undefined;
    const hint = Array.isArray(inner) ? pythonHint(inner[0]) : '';
    throw malformed(
      path,
      `is one JSON object with ${members.join(', ') || 'nothing in it'}, not a list of papers${hint}; ${expected}`,
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

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw malformed(
      path,
      openFaults[error.code ?? ''] ?? `cannot be opened (${error.code ?? error.message})`,
      error,
    );
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw malformed(path, 'is a directory; name one file in it');
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(readChunkBytes),
        0,
        readChunkBytes,
        null,
      );
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > fileBytesMax)
        throw malformed(
          path,
          `is larger than ${fileBytesMax / 1024 / 1024} MB, the most that is read at once; split it`,
        );
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(chunks, bytes);
  } finally {
    await file.close();
  }
}

const readChunkBytes = 1024 * 1024;

const openFaults: Record<string, string> = {
  ENOENT: 'does not exist; check the path',
  ENOTDIR: 'does not exist; check the path',
  EACCES: 'may not be read by this account; check its permissions',
  EISDIR: 'is a directory; name one file in it',
  ENAMETOOLONG: 'has too long a name',
};

function decodeText(path: string, bytes: Buffer): string {
  const magic = magics.find(([signature]) => bytes.subarray(0, signature.length).equals(signature));
  if (magic) throw malformed(path, `is ${magic[1]}; ${expected}`);
  if (bytes.subarray(0, 8192).includes(0))
    throw malformed(path, `is not text (it holds NUL bytes); ${expected}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed(path, 'is not UTF-8 text; convert it to UTF-8 first', error);
  }
}

const magics: readonly (readonly [Buffer, string])[] = [
  [Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'a PNG picture'],
  [Buffer.from([0xff, 0xd8, 0xff]), 'a JPEG picture'],
  [Buffer.from('%PDF-'), 'a PDF'],
  [Buffer.from([0x1f, 0x8b]), 'compressed with gzip: unpack it first'],
  [Buffer.from('PK\u0003\u0004'), 'a ZIP archive: unpack it first'],
  [Buffer.from([0xff, 0xfe]), 'UTF-16 text: convert it to UTF-8 first'],
  [Buffer.from([0xfe, 0xff]), 'UTF-16 text: convert it to UTF-8 first'],
];

function malformed(path: string, what: string, cause?: unknown): SourceError {
  return new SourceError('malformed', `${path} ${what}.`, { cause });
}
