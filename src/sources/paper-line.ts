import { categoriesMax, type PaperRecord } from '../domain/paper.ts';
import { arxivKey, arxivPage, arxivPdf, parseArxivId } from '../domain/arxiv-id.ts';
import { cleanAbstract, cleanName, cleanSummary } from './clean.ts';
import { calendarDay, moment } from './dates.ts';
import {
  authors,
  count,
  describe,
  field,
  type Fields,
  isObject,
  keywordsMax,
  names,
  quote,
  readTitle,
  text,
} from './fields.ts';
import { httpsLink, pictureLink } from './links.ts';

/**
 * One paper as `ingest --file` takes it (DESIGN 6): `{id or key, title, abstract or summary, authors, categories,
 * organization, published_at, listed_on, upvotes, comments, url, pdf_url, code_url, thumbnail_url}`. Only an
 * identifier and a title are needed. Gives a record, or why there is none.
 */
export function parsePaperLine(value: unknown, otherwiseListedOn: string): PaperRecord | { fault: string } {
  if (!isObject(value)) return { fault: `is ${describe(value)}, not an object` };
  const identity = readIdentity(value);
  if ('fault' in identity) return identity;
  const title = readTitle(field(value, 'title'));
  if (typeof title !== 'string') return title;

  const saysListed = field(value, 'listed_on') ?? undefined;
  const listedOn = saysListed === undefined ? otherwiseListedOn : calendarDay(saysListed);
  if (listedOn === undefined)
    return { fault: `its listed_on ${quote(saysListed)} is no date like 2026-07-01` };

  const { key, version, arxivId } = identity;
  const url = httpsLink(field(value, 'url')) ?? (arxivId ? arxivPage(arxivId) : pageOf(key, title));
  const pdfUrl = httpsLink(field(value, 'pdf_url')) ?? (arxivId ? arxivPdf(arxivId) : undefined);
  return {
    key,
    title,
    listedOn,
    url,
    ...(version !== undefined && { version }),
    ...(pdfUrl !== undefined && { pdfUrl }),
    ...details(value),
  };
}

function details(value: Fields): Partial<PaperRecord> {
  const abstract = text(field(value, 'abstract'));
  const summary = text(field(value, 'summary'));
  const categories = names(field(value, 'categories'), categoriesMax);
  const keywords = names(field(value, 'keywords'), keywordsMax);
  const organization = cleanName(text(field(value, 'organization')) ?? '');
  const publishedAt = moment(field(value, 'published_at'));
  const codeUrl = httpsLink(field(value, 'code_url'));
  const projectUrl = httpsLink(field(value, 'project_url'));
  const thumbnailUrl = pictureLink(field(value, 'thumbnail_url'));
  const votes = count(field(value, 'upvotes') ?? field(value, 'votes'));
  const comments = count(field(value, 'comments'));
  const codeStars = count(field(value, 'code_stars'));
  return {
    ...authors(field(value, 'authors')),
    ...(abstract !== undefined && { abstract: cleanAbstract(abstract) }),
    ...(summary !== undefined && { summary: cleanSummary(summary) }),
    ...(categories !== undefined && { categories }),
    ...(keywords !== undefined && { keywords }),
    ...(organization !== '' && { organization }),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(codeUrl !== undefined && { codeUrl }),
    ...(projectUrl !== undefined && { projectUrl }),
    ...(thumbnailUrl !== undefined && { thumbnailUrl }),
    ...(votes !== undefined && { votes }),
    ...(comments !== undefined && { comments }),
    ...(codeStars !== undefined && { codeStars }),
    ...(field(value, 'withdrawn') === true && { withdrawn: true }),
  };
}

interface Identity {
  key: string;
  version?: number;
  arxivId?: string;
}

/** An arXiv identifier in any dress becomes `arxiv:…` without version; any other identifier stays as it is written. */
function readIdentity(value: Fields): Identity | { fault: string } {
  const given = field(value, 'key') ?? field(value, 'id');
  if (given === undefined || given === null) return { fault: 'has neither id nor key' };
  if (typeof given !== 'string') return { fault: `its id is ${describe(given)}, not text` };
  const arxiv = parseArxivId(given);
  if (arxiv) {
    const { id, version } = arxiv;
    return { key: arxivKey(id), arxivId: id, ...(version !== undefined && { version }) };
  }
  const key = given.length <= keyCharactersMax ? given.trim() : '';
  if (!keyPattern.test(key)) {
    return {
      fault: `its id ${quote(given)} is not usable: 1 to ${keyCharactersMax} visible characters without spaces are`,
    };
  }
  return { key };
}
const keyCharactersMax = 200;
/** Visible, in one piece, and nothing that would need escaping in a link, a log line or a header. */
const keyPattern = /^[\p{L}\p{N}][\p{L}\p{N}._~:/()+@;=%?#&,-]*$/u;

/** Where to read a paper that names no https page of its own: its DOI, its address, or a search for its title. */
function pageOf(key: string, title: string): string {
  const doi = /^doi:(10\.\d{4,9}\/.+)$/i.exec(key)?.[1];
  const address = doi === undefined ? /^url:(.+)$/i.exec(key)?.[1] : `https://doi.org/${encodeURI(doi)}`;
  return (
    httpsLink(address) ??
    `https://arxiv.org/search/?searchtype=title&query=${encodeURIComponent(title.slice(0, 200))}`
  );
}
