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
  const cells: string[] = [];
  for (let at = 0; ; at++) {
    const start = at + /^\s*/.exec(record.slice(at, at + spacesLookedAtMax))![0].length;
    const closing = record[start] === '"' ? closingQuote(record, start + 1) : undefined;
    if (closing === -1) return 'open';
    const end = endOfCell(record, closing ?? at);
    if (closing === undefined) cells.push(record.slice(at, end).trim());
    else if (record.slice(closing + 1, end).trim() === '') {
      cells.push(
        record
          .slice(start + 1, closing)
          .replaceAll('""', '"')
          .trim(),
      );
    } else return 'is not valid CSV: inside a quoted cell, a quote is written twice';
    if (end === record.length) return cells;
    at = end;
  }
}

const spacesLookedAtMax = 100;

/** Where the quote that closes is, past those written twice; -1 when there is none. */
function closingQuote(record: string, from: number): number {
  let at = record.indexOf('"', from);
  while (at >= 0 && record[at + 1] === '"') at = record.indexOf('"', at + 2);
  return at;
}

function endOfCell(record: string, from: number): number {
  const comma = record.indexOf(',', from);
  return comma < 0 ? record.length : comma;
}
