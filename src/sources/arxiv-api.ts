import { isArxivSubject } from '../domain/arxiv-categories.ts';
import { parseArxivXml } from './arxiv-xml.ts';
import { readBody } from './body.ts';
import {
  type Answer,
  type Archive,
  type DayReading,
  type Source,
  SourceError,
  type SourceGate,
} from './source.ts';

export interface ArxivOptions {
  /** Without a slash at its end. arXiv's own stands for its three hosts; any other has all interfaces under it. */
  baseUrl: string;
  /** `cs.LG+cs.CV` */
  categories: string;
  now: () => Date;
  gate: SourceGate;
  /** From the request to the last byte. */
  timeoutMs?: number;
}

/** The sources of this kind are named by their categories: `arxiv:cs.LG+cs.CV`. */
export const arxivPrefix = 'arxiv:';

/** arXiv takes one request per three seconds, over all interfaces and machines (https://info.arxiv.org/help/api/tou.html). */
export const arxivPauseMs = 3000;
/** What one request may take, with its redirects: as long as its place in the line is held for it. */
export const arxivHeldMs = 90_000;

const timeoutMsDefault = 60_000;
const feedBytesMax = 32 * 1024 * 1024;
const redirectsMax = 2;
/** After "Rate exceeded" arXiv goes on refusing whoever goes on asking. */
const silenceMs = 10 * 60_000;
const silenceMsMax = 6 * 3_600_000;
const busyMs = 60_000;

const headers = {
  'user-agent': 'broadsheet/0.1 (daily digest of papers; one request per three seconds)',
  accept: 'application/rss+xml, application/xml',
};

/**
 * The daily announcement of some categories, in one request. The feed holds one day only, and says which: asking for
 * another day gives that list all the same, and `announcedOn` tells.
 */
export function arxivSource(options: ArxivOptions): Source {
  const { categories, baseUrl } = options;
  const url = `${arxivInterface(baseUrl, 'rss')}/${categories}`;
  const unknown = categories.split('+').filter((category) => !isArxivSubject(category));
  const source: Source = {
    name: `${arxivPrefix}${categories}`,
    async read(day, signal, archive): Promise<DayReading> {
      if (unknown.length > 0) {
        throw new SourceError('refused', `arXiv has no category ${unknown.join(', ')}. Mend PAPER_SOURCES.`);
      }
      const answer = await options.gate.pass(signal, () => ask(options, new URL(url), signal, archive));
      if (answer !== archive?.newest) await archive?.keep(answer);
      return source.reread(day, answer);
    },
    reread(day, { pages }): DayReading {
      try {
        const reading = parseArxivXml(pages[0] ?? '', { otherwise: day });
        return { ...reading, closed: true, announcedOn: reading.announcedOn ?? day };
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        throw new SourceError('malformed', `arXiv's feed of ${categories} ${error.message}.`, {
          cause: error,
        });
      }
    },
  };
  return source;
}

/** Where an interface lives. With ARXIV_BASE_URL all of them live under it, as `/rss`, `/api/query` and `/oai`. */
export function arxivInterface(baseUrl: string, name: 'rss' | 'api/query' | 'oai'): string {
  if (baseUrl !== 'https://export.arxiv.org') return `${baseUrl}/${name}`;
  return {
    rss: 'https://rss.arxiv.org/rss',
    'api/query': `${baseUrl}/api/query`,
    oai: 'https://oaipmh.arxiv.org/oai',
  }[name];
}

async function ask(
  options: ArxivOptions,
  url: URL,
  signal: AbortSignal,
  archive: Archive | undefined,
): Promise<Answer> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const answer = await follow(url, either, archive?.newest?.etag);
    if (answer.status === 304 && archive?.newest) return archive.newest;
    const text = await readBody(answer, feedBytesMax);
    if (text === undefined) {
      throw new SourceError('malformed', `arXiv's feed is larger than ${feedBytesMax / 1024 / 1024} MB.`);
    }
    await checkPatience(options, answer, text);
    if (answer.status !== 200) {
      throw new SourceError(
        'refused',
        `arXiv answers ${answer.status} for its feed; it will be asked again.`,
      );
    }
    const etag = answer.headers.get('etag')?.slice(0, 200);
    return { pages: [text], closed: true, etag };
  } catch (error) {
    if (error instanceof SourceError || signal.aborted) throw error;
    const why = either.aborted ? `no answer in ${timeoutMs / 1000} s` : 'no connection';
    throw new SourceError('unreachable', `arXiv cannot be reached (${why}).`, { cause: error });
  }
}

/** Redirects are followed within the origin: an answer from elsewhere would be somebody else's list (RULES 25). */
async function follow(first: URL, signal: AbortSignal, etag: string | undefined): Promise<Response> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await fetch(url, {
      signal,
      headers: { ...headers, ...(etag !== undefined && { 'if-none-match': etag }) },
      redirect: 'manual',
    });
    const target = answer.status >= 301 && answer.status <= 308 ? answer.headers.get('location') : null;
    if (target === null) return answer;
    await answer.body?.cancel();
    if (!URL.canParse(target, url.href) || redirects === redirectsMax) {
      throw new SourceError('refused', `arXiv redirects its feed too often, or to no address.`);
    }
    url = new URL(target, url);
    if (url.origin !== first.origin) {
      throw new SourceError(
        'refused',
        `arXiv redirects its feed to ${url.origin}; only ${first.origin} is followed.`,
      );
    }
  }
}

/** When arXiv says that it is asked too much, nobody asks for a while, in any process. */
async function checkPatience({ gate }: ArxivOptions, answer: Response, text: string): Promise<void> {
  const isRefusal = answer.status === 429 || /^\s*Rate exceeded/i.test(text);
  if (!isRefusal && answer.status !== 503) return;
  const least = isRefusal ? silenceMs : busyMs;
  const forMs = Math.min(silenceMsMax, Math.max(least, retryAfterMs(answer.headers.get('retry-after'))));
  const said = isRefusal ? `"Rate exceeded" (${answer.status})` : 'that it is busy (503)';
  await gate.silence(forMs, `arXiv said ${said}`);
  throw new SourceError(
    'refused',
    `arXiv says ${said}: nobody asks it for ${Math.ceil(forMs / 60_000)} minutes.`,
  );
}

function retryAfterMs(value: string | null): number {
  return value !== null && /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : 0;
}
