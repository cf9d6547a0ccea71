import { within } from '../deadline.ts';
import { readBody } from './body.ts';
import { SourceError, type SourceGate } from './source.ts';

/** How arXiv is asked, whichever of its interfaces. */
export interface ArxivAccess {
  /** Without a slash at its end. arXiv's own stands for its three hosts; any other has all interfaces under it. */
  baseUrl: string;
  gate: SourceGate;
  /** From the request to the last byte; shorter than the gate holds the place. */
  timeoutMs?: number;
}

export interface ArxivAnswer {
  status: number;
  text: string;
  etag: string | undefined;
}

/** arXiv takes one request per three seconds, over all interfaces and machines (https://info.arxiv.org/help/api/tou.html). */
export const arxivPauseMs = 3000;
/** What one request may take, with its redirects: as long as its place in the line is held for it. */
export const arxivHeldMs = 200_000;

const timeoutMsDefault = 60_000;
const answerBytesMax = 32 * 1024 * 1024;
const redirectsMax = 2;
/** After "Rate exceeded" arXiv goes on refusing whoever goes on asking. */
const silenceMs = 10 * 60_000;
const silenceMsMax = 6 * 3_600_000;
const busyMs = 60_000;

const headers = {
  'user-agent': 'broadsheet/0.1 (daily digest of papers; one request per three seconds)',
  accept: 'application/rss+xml, application/atom+xml, application/xml, text/xml',
};

const home = 'https://export.arxiv.org';

/** Where an interface lives. With ARXIV_BASE_URL all of them live under it, as `/rss`, `/api/query` and `/oai`. */
export function arxivInterface(baseUrl: string, name: 'rss' | 'api/query' | 'oai'): string {
  if (baseUrl !== home) return `${baseUrl}/${name}`;
  return {
    rss: 'https://rss.arxiv.org/rss',
    'api/query': `${home}/api/query`,
    oai: 'https://oaipmh.arxiv.org/oai',
  }[name];
}

/**
 * Asks arXiv once, in its turn among all processes. An answer of 304, 400 or 404 is given back like one of 200: what they
 * mean, the caller knows. Throws SourceError when there is no answer, one that is too large, or one that says "not now";
 * then nobody asks for a while.
 */
export async function askArxiv(
  access: ArxivAccess,
  url: URL,
  caller: AbortSignal,
  etag?: string,
): Promise<ArxivAnswer> {
  const timeoutMs = access.timeoutMs ?? timeoutMsDefault;
  return access.gate.pass(caller, () =>
    within(timeoutMs, caller, async ({ signal, reason }) => {
      try {
        return await ask(access, url, signal, etag);
      } catch (error) {
        if (error instanceof SourceError || caller.aborted) throw error;
        const why = reason() === 'timeout' ? `no answer in ${timeoutMs / 1000} s` : 'no connection';
        throw new SourceError('unreachable', `arXiv cannot be reached (${why}).`, { cause: error });
      }
    }),
  );
}

async function ask(
  access: ArxivAccess,
  url: URL,
  signal: AbortSignal,
  etag: string | undefined,
): Promise<ArxivAnswer> {
  const answer = await follow(url, signal, etag);
  const text = await readBody(answer, answerBytesMax);
  if (text === undefined) {
    throw new SourceError('malformed', `arXiv's answer is larger than ${answerBytesMax / 1024 / 1024} MB.`);
  }
  await checkPatience(access, answer, text);
  if (![200, 304, 400, 404].includes(answer.status)) {
    throw new SourceError('refused', `arXiv answers ${answer.status}; it will be asked again.`);
  }
  return { status: answer.status, text, etag: answer.headers.get('etag')?.slice(0, 200) };
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
async function checkPatience({ gate }: ArxivAccess, answer: Response, text: string): Promise<void> {
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

/** Seconds, or a date (RFC 9110, 10.2.3); OAI-PMH asks for patience in either way. */
function retryAfterMs(value: string | null): number {
  const text = value?.trim() ?? '';
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Za-z]{3}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
