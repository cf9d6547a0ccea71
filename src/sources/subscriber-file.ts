import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';

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

/** The file as a whole can't be read: the message says which and what to do. */
export class SubscriberFileError extends Error {
  override name = 'SubscriberFileError';
}

export const subscriberFileBytesMax = 256 * 1024 * 1024;
const lineCharactersMax = 65_536;
const cellCharactersMax = 8_000;

/** Reads CSV with a header, or JSON lines, told apart by the first character. Bad lines come back as rejections. */
export async function* readSubscriberFile(path: string): AsyncGenerator<SubscriberLine | LineRejection> {
  const kind = await lookAt(path);
  yield* kind === 'json' ? readJsonLines(path) : readCsv(path);
}

async function lookAt(path: string): Promise<'json' | 'csv'> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts) throw new SubscriberFileError(`${path} is not there, or may not be read.`);
  if (!facts.isFile()) throw new SubscriberFileError(`${path} is not a file.`);
  if (facts.size === 0) throw new SubscriberFileError(`${path} is empty.`);
  if (facts.size > subscriberFileBytesMax) {
    throw new SubscriberFileError(
      `${path} has ${Math.round(facts.size / 1e6)} MB; at most ${subscriberFileBytesMax / 1024 / 1024} MiB are read at once. Split it.`,
    );
  }
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  await file.close();
  const head = buffer.subarray(0, bytesRead);
  if (head.includes(0)) throw new SubscriberFileError(`${path} is no text file: CSV or JSON lines are read.`);
  return head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('{')
    ? 'json'
    : 'csv';
}

async function* readJsonLines(path: string): AsyncGenerator<SubscriberLine | LineRejection> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line++;
    const content = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (content.trim() === '') continue;
    if (content.length > lineCharactersMax) yield { line, reason: 'the line is too long' };
    else yield fromJson(line, content);
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
    else if (cell !== null && name !== 'topics' && columns.has(name)) {
      return { line, reason: `${name} must be a text or a number` };
    }
  }
  return { ...toLine(line, text), ...(isList ? { topics: topics as string[] } : {}) };
}

async function* readCsv(path: string): AsyncGenerator<SubscriberLine | LineRejection> {
  const skipped: LineRejection[] = [];
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      columns: (header: string[]) => readHeader(path, header),
      relax_column_count: true,
      skip_empty_lines: true,
      relax_quotes: true,
      skip_records_with_error: true,
      max_record_size: lineCharactersMax,
      trim: true,
      info: true,
      on_skip: (error) => {
        skipped.push({ line: Number(error?.['lines'] ?? 0), reason: 'is not valid CSV: check its quotes' });
        return undefined;
      },
    }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRow>) {
      yield* skipped.splice(0);
      yield toLine(info.lines, new Map(Object.entries(record)));
    }
  } catch (error) {
    if (error instanceof SubscriberFileError) throw error;
    throw new SubscriberFileError(`${path} stops being CSV: ${(error as Error).message}`, { cause: error });
  }
  yield* skipped;
}

interface CsvRow {
  record: Record<string, string>;
  info: { lines: number };
}

const columns = new Set(['email', 'topics', 'time_zone', 'send_hour', 'weekdays', 'max_papers']);

function readHeader(path: string, header: string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  if (!names.includes('email')) {
    throw new SubscriberFileError(
      `${path} has no "email" column; its first line must name the columns: ${[...columns].join(',')}.`,
    );
  }
  return names;
}

function toLine(line: number, cells: ReadonlyMap<string, string>): SubscriberLine {
  const cell = (name: string) => cells.get(name)?.slice(0, cellCharactersMax).trim();
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
