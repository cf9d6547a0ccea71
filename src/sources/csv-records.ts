import { CsvError, type Options, parse } from 'csv-parse/sync';
import { faultOfLine, type TextLine } from './text-lines.ts';

/** One record of a CSV file with the line it begins on, or why that line is none. */
export type CsvRecord = { line: number; cells: string[] } | { line: number; reason: string };

/** Lines that a quoted cell may span: a quote that nobody closed is given up after these, not at the end of the file. */
const linesOfRecordMax = 50;

/**
 * Splits lines into records of comma-separated cells (RFC 4180). A record that can't be read costs its first line only:
 * reading goes on with the line after it, so that one stray quote never swallows the readers below it.
 */
export async function* readCsvRecords(lines: AsyncGenerator<TextLine>): AsyncGenerator<CsvRecord> {
  const ahead: TextLine[] = [];
  const next = async () => ahead.shift() ?? ((await lines.next()).value as TextLine | undefined);
  try {
    yield* readRecords(next, ahead);
  } finally {
    await lines.return(undefined);
  }
}

async function* readRecords(
  next: () => Promise<TextLine | undefined>,
  ahead: TextLine[],
): AsyncGenerator<CsvRecord> {
  for (let first = await next(); first; first = await next()) {
    const { line, text } = first;
    if (text.trim() === '') continue;
    const more: TextLine[] = [];
    let record = text;
    let cells = readCells(record);
    while (cells === 'open' && more.length < linesOfRecordMax) {
      const following = await next();
      if (!following) break;
      more.push(following);
      record += `\n${following.text}`;
      cells = readCells(record);
    }
    if (Array.isArray(cells)) yield { line, cells };
    else {
      ahead.unshift(...more);
      yield { line, reason: cells === 'open' ? 'opens a quote that is never closed' : cells };
    }
  }
}

/** The cells of a record, trimmed; `open` while it ends inside quotes; otherwise what is wrong with it. */
function readCells(record: string): string[] | string {
  const fault = faultOfLine(record);
  if (fault) return fault;
  try {
    return (parse(record, cellsAsWritten) as string[][])[0] ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'open';
    return 'is not valid CSV: inside a quoted cell, a quote is written twice';
  }
}

const cellsAsWritten: Options = {
  trim: true,
  relaxQuotes: true,
  recordDelimiter: '\n',
  relaxColumnCount: true,
};
