import { setOfSubject } from '../domain/arxiv-categories.ts';
import type { PaperRecord, Reading } from '../domain/paper.ts';
import type { OaiReading } from './arxiv-oai.ts';
import { gather } from './arxiv-record.ts';
import { type ArxivAccess, arxivHeldMs, arxivInterface, askArxiv } from './arxiv-request.ts';
import { parseOaiXml } from './arxiv-xml.ts';
import { type Answer, SourceError } from './source.ts';

/** Records come by the hundred; after a bulk edit many thousands. */
const pagesMax = 60;
const tokenCharactersMax = 2000;
/** arXiv took half a minute for 400 records, and more than 90 s for others. */
const timeoutMsDefault = arxivHeldMs - 10_000;

/**
 * What changed in some categories since a day, from OAI-PMH with the history of versions: new versions, withdrawals (whose
 * reason stands in the comment, which no feed has) and deletions; of papers old and new. Nothing of it is a listing.
 */
export async function readChanges(
  access: ArxivAccess & { categories: string },
  since: string,
  signal: AbortSignal,
): Promise<Answer> {
  const pages: string[] = [];
  for (const category of access.categories.split('+')) {
    const first = { metadataPrefix: 'arXivRaw', from: since, set: setOfSubject(category) };
    let next: Record<string, string> | undefined = first;
    const seen = new Set<string>();
    while (next) {
      if (pages.length === pagesMax) {
        throw new SourceError('refused', `arXiv's changes since ${since} go on after ${pagesMax} answers.`);
      }
      const page = await askPage(access, next, signal);
      pages.push(page);
      const token = readPage(page, since).next?.token;
      if (token !== undefined && (seen.has(token) || token.length > tokenCharactersMax)) {
        throw new SourceError('malformed', "arXiv's changes lead in a circle: the same token came again.");
      }
      if (token !== undefined) seen.add(token);
      // A token is a word of arXiv's to be given back, never an address to be followed.
      next = token === undefined ? undefined : { resumptionToken: token };
    }
  }
  return { pages, closed: true };
}

/** The changes in answers that came. Throws SourceError when one makes no sense. */
export function parseChanges({ pages }: Answer, since: string): Reading {
  const readings = pages.map((page) => readPage(page, since));
  const { papers, deleted } = gather(readings.flatMap((reading) => reading.papers));
  return {
    papers: papers.map((paper): PaperRecord => ({ ...paper, isUnlisted: true })),
    rejected: readings.flatMap((reading) => reading.rejected),
    deleted: [...new Set([...deleted, ...readings.flatMap((reading) => reading.deleted)])],
  };
}

async function askPage(
  access: ArxivAccess,
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(arxivInterface(access.baseUrl, 'oai'));
  for (const [name, value] of Object.entries({ verb: 'ListRecords', ...parameters })) {
    url.searchParams.set(name, value);
  }
  const { status, text } = await askArxiv({ timeoutMs: timeoutMsDefault, ...access }, url, signal);
  if (status === 200) return text;
  throw new SourceError('refused', `arXiv answers ${status} for its changes; it will be asked again.`);
}

function readPage(page: string, since: string): OaiReading {
  try {
    return parseOaiXml(page, { otherwise: since });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    // https://www.openarchives.org/OAI/openarchivesprotocol.html#ErrorConditions: a day on which nothing changed.
    if (error.code === 'noRecordsMatch') return { format: 'records', papers: [], rejected: [], deleted: [] };
    throw new SourceError(error.kind, `arXiv's answer about changes ${error.message}.`, { cause: error });
  }
}
