import type { PaperRecord } from '../domain/paper.ts';
import { type ArxivAccess, arxivInterface, askArxiv } from './arxiv-request.ts';
import { parseArxivXml } from './arxiv-xml.ts';
import { SourceError } from './source.ts';

/** What arXiv's query API takes by identifier in one request, well below its limit. */
export const arxivIdsMax = 50;

/**
 * Papers by their identifiers, at most `arxivIdsMax`: known, and on no day's list. One that arXiv does not have is left
 * out. Throws SourceError when it cannot be asked. https://info.arxiv.org/help/api/user-manual.html
 */
export async function readArxivPapers(
  access: ArxivAccess,
  ids: readonly string[],
  day: string,
  signal: AbortSignal,
): Promise<PaperRecord[]> {
  const url = new URL(arxivInterface(access.baseUrl, 'api/query'));
  url.searchParams.set('id_list', ids.slice(0, arxivIdsMax).join(','));
  url.searchParams.set('max_results', String(arxivIdsMax));
  const { status, text } = await askArxiv(access, url, signal);
  if (status !== 200)
    throw new SourceError('refused', `arXiv answered ${status} where papers were asked for.`);
  const { papers } = parseArxivXml(text, { otherwise: day });
  return papers.map((paper) => ({ ...paper, isUnlisted: true }));
}
