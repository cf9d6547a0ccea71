export interface ArxivId {
  /** Without version: `2511.20462`, `hep-th/9901001`. */
  id: string;
  version?: number;
}

/**
 * An arXiv identifier in any dress: bare, `arXiv:…`, `oai:arXiv.org:…`, or an abs/pdf address; new style (`2511.20462v2`) or old
 * (`hep-th/9901001`, `math.GT/0309136`, whose subject class is no part of the identity).
 * https://info.arxiv.org/help/arxiv_identifier.html
 */
export function parseArxivId(text: string): ArxivId | undefined {
  const bare = text
    .slice(0, 100)
    .trim()
    .replace(/^https?:\/\/(?:www\.|export\.)?arxiv\.org\/(?:abs|pdf)\//i, '')
    .replace(/^(?:oai:)?arxiv(?:\.org)?:/i, '')
    .replace(/\.pdf$/i, '');
  const match = newStyle.exec(bare) ?? oldStyle.exec(bare);
  if (!match?.groups) return undefined;
  const { archive, number, version } = match.groups;
  const id = archive === undefined ? number! : `${archive.toLowerCase()}/${number!}`;
  return version === undefined ? { id } : { id, version: Number(version) };
}

const newStyle = /^(?<number>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v(?<version>[1-9]\d{0,2}))?$/;
const oldStyle =
  /^(?<archive>[a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?\/(?<number>\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v(?<version>[1-9]\d{0,2}))?$/i;

export const arxivKey = (id: string): string => `arxiv:${id}`;
export const arxivPage = (id: string): string => `https://arxiv.org/abs/${id}`;
export const arxivPdf = (id: string): string => `https://arxiv.org/pdf/${id}`;
