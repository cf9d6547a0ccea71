import { open, stat } from 'node:fs/promises';
import { readCsvRecords } from './csv-records.ts';
import { faultOfLine, readTextLines } from './text-lines.ts';

/** One line of a file of subscribers, as written. `undefined` is a column that is not there. */
export interface SubscriberLine {
  line: number;
  email: string | undefined;
  topics: string[] | undefined;
  timeZone: string | undefined;
  sendHour: string | undefined;
  weekdays: string | undefined;
  maxPapers: string | undefined;
}

export interface LineRejection {
  line: number;
  reason: string;
}

/** The file as a whole can't be read: the message says which and what to do. Thrown before the first line is given. */
export class SubscriberFileError extends Error {
  override name = 'SubscriberFileError';
}

export const subscriberFileBytesMax = 256 * 1024 * 1024;
const headBytes = 4096;

/** Reads CSV with a header, or JSON lines, told apart by the first character. Bad lines come back as rejections. */
export async function* readSubscriberFile(path: string): AsyncGenerator<SubscriberLine | LineRejection> {
  const { kind, ending } = await lookAt(path);
  yield* kind === 'json' ? readJsonLines(path, ending) : readCsv(path, ending);
}

interface Look {
  kind: 'json' | 'csv';
  ending: '\n' | '\r';
}

async function lookAt(path: string): Promise<Look> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts) throw new SubscriberFileError(`${path} is not there, or may not be read.`);
  if (!facts.isFile()) throw new SubscriberFileError(`${path} is not a file.`);
  if (facts.size === 0) throw new SubscriberFileError(`${path} is empty.`);
  if (facts.size > subscriberFileBytesMax) {
    throw new SubscriberFileError(
      `${path} has ${Math.round(facts.size / 1e6)} MB; at most ${subscriberFileBytesMax / 1024 / 1024} MiB are read at once. Split it.`,
    );
  }
  const head = await readHead(path);
  if (head.includes(0)) {
    throw new SubscriberFileError(`${path} is no text in UTF-8; save it as CSV or JSON lines in UTF-8.`);
  }
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  // Some spreadsheets on the Mac still end lines with a carriage return alone.
  const ending = text.includes('\r') && !text.includes('\n') ? '\r' : '\n';
  return { kind: text.startsWith('{') ? 'json' : 'csv', ending };
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path).catch((error: Error) => {
    throw new SubscriberFileError(`${path} may not be read: ${error.message}.`, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* readJsonLines(
  path: string,
  ending: Look['ending'],
): AsyncGenerator<SubscriberLine | LineRejection> {
  for await (const { line, text } of readTextLines(path, ending)) {
    if (text.trim() === '') continue;
    const reason = faultOfLine(text);
    yield reason ? { line, reason } : fromJson(line, text);
  }
}

function fromJson(line: number, content: string): SubscriberLine | LineRejection {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { line, reason: 'is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, reason: 'is not a JSON object' };
  }
  const cells = new Map(Object.entries(value));
  const topics = cells.get('topics');
  const isList = Array.isArray(topics) && topics.every((topic) => typeof topic === 'string');
  if (topics !== undefined && topics !== null && typeof topics !== 'string' && !isList) {
    return { line, reason: 'topics must be a list of texts, or one text split by ;' };
  }
  const text = new Map<string, string>();
  for (const [name, cell] of cells) {
    if (typeof cell === 'string' || typeof cell === 'number') text.set(name, String(cell));
    else if (cell !== null && name !== 'topics' && columns.includes(name)) {
      return { line, reason: `${name} must be a text or a number` };
    }
  }
  return { ...toLine(line, text), ...(isList ? { topics: topics as string[] } : {}) };
}

async function* readCsv(
  path: string,
  ending: Look['ending'],
): AsyncGenerator<SubscriberLine | LineRejection> {
  let header: string[] | undefined;
  for await (const record of readCsvRecords(readTextLines(path, ending))) {
    if (!header) header = readHeader(path, 'cells' in record ? record.cells : []);
    else yield 'reason' in record ? record : fromCells(record.line, header, record.cells);
  }
  if (!header) throw new SubscriberFileError(`${path} is empty.`);
}

const columns: readonly string[] = ['email', 'topics', 'time_zone', 'send_hour', 'weekdays', 'max_papers'];

function readHeader(path: string, cells: string[]): string[] {
  const names = cells.map((name) => name.toLowerCase());
  if (!names.includes('email')) {
    throw new SubscriberFileError(
      `${path} has no "email" column; its first line must name the columns, split by commas: ${columns.join(',')}.`,
    );
  }
  const twice = columns.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice) throw new SubscriberFileError(`${path} has two columns "${twice}"; keep one.`);
  return names;
}

function fromCells(line: number, header: readonly string[], cells: string[]): SubscriberLine | LineRejection {
  if (cells.slice(header.length).some((cell) => cell !== '')) {
    const reason = `has ${cells.length} cells for ${header.length} columns: split topics by ; or quote a cell with commas`;
    return { line, reason };
  }
  return toLine(line, new Map(cells.slice(0, header.length).map((cell, place) => [header[place]!, cell])));
}

function toLine(line: number, cells: ReadonlyMap<string, string>): SubscriberLine {
  const cell = (name: string) => cells.get(name)?.trim();
  const topics = cell('topics');
  return {
    line,
    email: cell('email'),
    topics: topics ? topics.split(';') : undefined,
    timeZone: cell('time_zone') || undefined,
    sendHour: cell('send_hour') || undefined,
    weekdays: cell('weekdays'),
    maxPapers: cell('max_papers') || undefined,
  };
}
