import type { PaperRecord, Rejection } from '../domain/paper.ts';
import { type ArxivReading, type RecordDay, gather } from './arxiv-record.ts';
import { parseArxivXml } from './arxiv-xml.ts';
import { count, field, type Fields, isObject } from './fields.ts';
import { malformed } from './file-text.ts';
import { SourceError } from './source.ts';

/** The papers of a file of arXiv's, whatever its format. Throws SourceError, naming the file and its own fault. */
export function readArxivFile(path: string, content: string, day: RecordDay): ArxivReading {
  try {
    return parseArxivXml(content, day);
  } catch (error) {
    throw error instanceof SourceError ? malformed(path, error.message, error) : error;
  }
}

/** Whether an entry of an array is an answer as HTTP recorders keep it, XML and all. */
export function isRecordedAnswer(value: unknown): value is Fields {
  return (
    isObject(value) &&
    typeof field(value, 'response') === 'string' &&
    count(field(value, 'status')) !== undefined
  );
}

/**
 * The papers of all answers that an HTTP recorder kept in one file. An answer without papers is rejected by its place in
 * the file, as the 503 is with which arXiv asks for patience; a file of nothing else is refused.
 */
export function readRecordedAnswers(path: string, answers: readonly Fields[], day: RecordDay): ArxivReading {
  const papers: PaperRecord[] = [];
  const deleted: string[] = [];
  const rejected: Rejection[] = [];
  let format: ArxivReading['format'] | undefined;
  for (const [index, answer] of answers.entries()) {
    const reading = readAnswer(answer, day);
    if ('fault' in reading) {
      rejected.push({ index, reason: reading.fault });
      continue;
    }
    format = reading.format;
    papers.push(...reading.papers);
    deleted.push(...reading.deleted);
    for (const { index: record, reason } of reading.rejected) {
      rejected.push({ index, reason: `record ${record} of this answer ${reason}` });
    }
  }
  if (format === undefined) {
    throw malformed(
      path,
      `holds recorded answers without papers: the first ${rejected[0]?.reason ?? 'is empty'}`,
    );
  }
  return { format, papers: gather(papers).papers, rejected, deleted };
}

function readAnswer(answer: Fields, day: RecordDay): ArxivReading | { fault: string } {
  const status = count(field(answer, 'status'));
  if (status !== 200) return { fault: `is an HTTP ${status}${waitOf(answer)}, not papers` };
  try {
    return parseArxivXml(field(answer, 'response') as string, day);
  } catch (error) {
    if (error instanceof SourceError) return { fault: error.message };
    throw error;
  }
}

/** Headers as Node lists them: names and values in turn. */
function waitOf(answer: Fields): string {
  const headers = field(answer, 'rawHeaders');
  const at = Array.isArray(headers)
    ? headers.findIndex((name) => typeof name === 'string' && name.toLowerCase() === 'retry-after')
    : -1;
  const seconds = at === -1 ? undefined : count((headers as unknown[])[at + 1]);
  return seconds === undefined ? '' : ` that asks to wait ${seconds} s`;
}
