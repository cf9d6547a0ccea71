import { type ArxivReading, gather, type Parsed, type RecordDay, toRecord } from './arxiv-record.ts';
import { categoryOfSet } from '../domain/arxiv-categories.ts';
import { arxivKey, parseArxivId } from '../domain/arxiv-id.ts';
import { splitAuthors } from './arxiv-names.ts';
import { calendarDay, mailMoment } from './dates.ts';
import { quote } from './fields.ts';
import { SourceError } from './source.ts';
import { attribute, child, children, childText, textOf } from './xml.ts';

export interface OaiReading extends ArxivReading {
  /** The list goes on; absent on its last page. The token's form is arXiv's own business and has changed before. */
  next?: { token: string; listSize?: number };
}

/**
 * An OAI-PMH answer with records, as `arXiv`, `arXivRaw`, `arXivOld` or `oai_dc`. Their listing day is the one given, or
 * guessed from the dates they name. Deleted records give the keys of papers that are gone.
 * Throws SourceError for arXiv's errors and for answers that hold no papers. https://www.openarchives.org/OAI/openarchivesprotocol.html
 */
export function parseOai(answer: unknown, day: RecordDay): OaiReading {
  const error = child(answer, 'error');
  if (error !== undefined) {
    const code = attribute(error, 'code') ?? 'error';
    throw new SourceError('refused', `is arXiv's refusal ${code}: ${quote(textOf(error), 160)}`, { code });
  }
  const list = child(answer, 'ListRecords') ?? child(answer, 'GetRecord');
  if (list === undefined) {
    const verb = attribute(child(answer, 'request'), 'verb');
    throw new SourceError('malformed', `${verbs[verb ?? ''] ?? 'is an OAI-PMH answer without records'}`);
  }
  const parsed = children(list, 'record').map((record) => parseRecord(record, day));
  return { format: 'records', ...gather(parsed), ...readToken(child(list, 'resumptionToken')) };
}

const verbs: Record<string, string> = {
  Identify: 'is an OAI-PMH answer that describes arXiv (Identify), not papers',
  ListSets: "is an OAI-PMH answer with arXiv's sets (ListSets), not papers",
  ListMetadataFormats: "is an OAI-PMH answer with arXiv's formats (ListMetadataFormats), not papers",
  ListIdentifiers: 'is an OAI-PMH answer with identifiers only (ListIdentifiers): papers without titles',
};

/** An empty token closes a list. */
function readToken(node: unknown): Pick<OaiReading, 'next'> {
  const token = textOf(node);
  if (token === undefined) return {};
  const listSize = Number(attribute(node, 'completeListSize'));
  return { next: { token, ...(Number.isSafeInteger(listSize) && listSize > 0 && { listSize }) } };
}

function parseRecord(record: unknown, day: RecordDay): Parsed {
  const header = child(record, 'header');
  const identifier = childText(header, 'identifier');
  if (attribute(header, 'status') === 'deleted') {
    const id = parseArxivId(identifier ?? '');
    return id ? { deletedKey: arxivKey(id.id) } : { fault: 'was deleted, and does not say what it was' };
  }
  const metadata = child(record, 'metadata');
  const datestamp = calendarDay(childText(header, 'datestamp'));
  const sets = children(header, 'setSpec').flatMap((set) => categoryOfSet(textOf(set) ?? '') ?? []);
  const dublinCore = child(metadata, 'dc');
  if (dublinCore !== undefined) return parseDublinCore(dublinCore, { identifier, sets, datestamp, day });
  for (const format of ['arXiv', 'arXivRaw', 'arXivOld']) {
    const paper = child(metadata, format);
    if (paper !== undefined) return parseOwnFormat(paper, { identifier, sets, datestamp, day });
  }
  return { fault: 'has no metadata in a format that is read here (arXiv, arXivRaw, arXivOld, oai_dc)' };
}

interface Header {
  identifier: string | undefined;
  sets: string[];
  datestamp: string | undefined;
  day: RecordDay;
}

function parseOwnFormat(paper: unknown, header: Header): Parsed {
  const versions = children(paper, 'version');
  const first = versions.find((version) => attribute(version, 'version') === 'v1');
  // Only the history tells the first submission: `created` moves.
  const publishedAt = mailMoment(childText(first, 'date'));
  const newest = Math.max(
    0,
    ...versions.map((version) => Number(attribute(version, 'version')?.slice(1)) || 0),
  );
  const id = (childText(paper, 'id') ?? header.identifier ?? '').replace(/v\d+$/, '');
  const codes = (childText(paper, 'categories') ?? '').split(/[\s,]+/);
  return toRecord({
    id: newest > 0 ? `${id}v${newest}` : id,
    title: childText(paper, 'title'),
    abstract: childText(paper, 'abstract'),
    comment: childText(paper, 'comments'),
    authors: readAuthors(child(paper, 'authors')),
    categories: [...codes, ...header.sets],
    publishedAt,
    listedOn:
      header.day.date ??
      publishedAt?.toISOString().slice(0, 10) ??
      earliest([childText(paper, 'created'), header.datestamp, endOfMonthOf(id)]) ??
      header.day.otherwise,
    authority: 'record',
  });
}

/** Parted in `arXiv`, one sentence in the others. */
function readAuthors(node: unknown): string[] {
  const parted = children(node, 'author');
  if (parted.length === 0) return splitAuthors(textOf(node) ?? '', 'prose');
  return parted.map((author) =>
    ['forenames', 'keyname', 'suffix'].flatMap((part) => childText(author, part) ?? []).join(' '),
  );
}

function parseDublinCore(paper: unknown, header: Header): Parsed {
  const descriptions = texts(paper, 'description');
  const comments = descriptions.filter((text) => commentMark.test(text));
  return toRecord({
    id: header.identifier ?? texts(paper, 'identifier').find((text) => parseArxivId(text) !== undefined),
    title: childText(paper, 'title'),
    abstract: descriptions.find((text) => !commentMark.test(text)),
    comment: comments.map((text) => text.replace(commentMark, '')).join(' '),
    authors: texts(paper, 'creator').map((name) => name.replace(/^([^,]+),\s*([^,]+)$/, '$2 $1')),
    categories: header.sets,
    listedOn:
      header.day.date ??
      earliest([...texts(paper, 'date'), header.datestamp, endOfMonthOf(header.identifier)]) ??
      header.day.otherwise,
    authority: 'record',
  });
}

const commentMark = /^Comments?:\s*/i;

function texts(node: unknown, name: string): string[] {
  return children(node, name).flatMap((value) => textOf(value) ?? []);
}

function earliest(days: (string | undefined)[]): string | undefined {
  return days
    .flatMap((day) => calendarDay(day) ?? [])
    .toSorted()
    .at(0);
}

/** An identifier names the month of its first announcement; whatever later dates say, the paper was listed by its end. */
function endOfMonthOf(identifier: string | undefined): string | undefined {
  const id = parseArxivId(identifier ?? '')?.id;
  const month = /(?:^|\/)(\d{2})(\d{2})/.exec(id ?? '');
  if (!month) return undefined;
  const year = Number(month[1]) + (Number(month[1]) >= 91 ? 1900 : 2000);
  return new Date(Date.UTC(year, Number(month[2]), 0)).toISOString().slice(0, 10);
}
