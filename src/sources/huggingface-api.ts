import { within } from '../deadline.ts';
import { readBody } from './body.ts';
import { parseDailyPapers } from './huggingface.ts';
import { type DayReading, type Source, SourceError } from './source.ts';

export interface HuggingfaceOptions {
  /** Without a slash at its end; https, or plain http for a stand-in. */
  baseUrl: string;
  now: () => Date;
  /** For one page, from the request to its last byte. */
  timeoutMs?: number;
}

/**
 * Hugging Face Daily Papers, one list a UTC day, paged to the end. A list is closed when its reading began after its
 * day had ended. The API refuses a day that has not begun with 400: an empty list, still open.
 */
export function huggingfaceSource(options: HuggingfaceOptions): Source {
  const source: Source = {
    name: 'huggingface',
    async read(day, signal, archive): Promise<DayReading> {
      const closed = options.now().getTime() >= Date.parse(`${day}T00:00:00Z`) + dayMs;
      const pages = await readPages(options, day, signal, !closed);
      await archive?.keep({ pages, closed });
      return source.reread(day, { pages, closed });
    },
    reread(day, { pages, closed }): DayReading {
      const entries = pages.flatMap((page) => parsePage(page, day));
      return { ...parseDailyPapers(entries, { asked: day }), closed };
    },
  };
  return source;
}

const dayMs = 86_400_000;
const pagesMax = 20;
const pageLimit = 100;
const pageBytesMax = 16 * 1024 * 1024;
const timeoutMsDefault = 20_000;

/** Whether anything answers there within the time: any answer counts, a refusal too. Never throws. */
export async function reachable(baseUrl: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  return fetch(`${baseUrl}/api/daily_papers?limit=1`, { signal, headers, redirect: 'manual' }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status < 500;
    },
    () => false,
  );
}

const headers = { 'user-agent': 'broadsheet/0.1 (daily digest of papers)', accept: 'application/json' };

async function readPages(
  options: HuggingfaceOptions,
  day: string,
  signal: AbortSignal,
  mayBeFuture: boolean,
): Promise<string[]> {
  const first = new URL(`${options.baseUrl}/api/daily_papers?date=${day}&limit=${pageLimit}`);
  const pages: string[] = [];
  const seen = new Set<string>();
  let next: URL | undefined = first;
  while (next !== undefined) {
    if (seen.size === pagesMax || seen.has(next.href)) {
      throw new SourceError(
        'malformed',
        `Hugging Face's list of ${day} has no end: stopped after ${seen.size} pages.`,
      );
    }
    seen.add(next.href);
    const page = await readPage(next, day, signal, options.timeoutMs ?? timeoutMsDefault);
    if (page === 'refused') {
      if (mayBeFuture && seen.size === 1) return [];
      throw new SourceError('refused', `Hugging Face refuses the list of ${day} (400). Is the date right?`);
    }
    pages.push(page.text);
    next = followUp(page.link, first, day);
  }
  return pages;
}

interface Page {
  text: string;
  link: string | null;
}

async function readPage(
  url: URL,
  day: string,
  caller: AbortSignal,
  timeoutMs: number,
): Promise<Page | 'refused'> {
  return within(timeoutMs, caller, async ({ signal, reason }) => {
    try {
      return await askPage(url, day, signal);
    } catch (error) {
      if (error instanceof SourceError || caller.aborted) throw error;
      const why = reason() === 'timeout' ? `no answer in ${timeoutMs / 1000} s` : 'no connection';
      throw new SourceError(
        'unreachable',
        `Hugging Face cannot be reached for the list of ${day} (${why}).`,
        {
          cause: error,
        },
      );
    }
  });
}

async function askPage(url: URL, day: string, signal: AbortSignal): Promise<Page | 'refused'> {
  // Redirects are not followed: an answer from elsewhere would be somebody else's list (RULES 25).
  const answer = await fetch(url, { signal, headers, redirect: 'manual' });
  if (answer.status !== 200) await answer.body?.cancel();
  if (answer.status === 400) return 'refused';
  if (answer.status !== 200) {
    throw new SourceError(
      'refused',
      `Hugging Face answers ${answer.status} for the list of ${day}; it will be asked again.`,
    );
  }
  const text = await readBody(answer, pageBytesMax);
  if (text === undefined) {
    throw new SourceError(
      'malformed',
      `A page of Hugging Face's list of ${day} is larger than ${pageBytesMax / 1024 / 1024} MB.`,
    );
  }
  return { text, link: answer.headers.get('link') };
}

function parsePage(text: string, day: string): unknown[] {
  try {
    const body: unknown = JSON.parse(text);
    if (Array.isArray(body)) return body as unknown[];
  } catch (error) {
    throw new SourceError('malformed', `Hugging Face's list of ${day} is not JSON, or broke off.`, {
      cause: error,
    });
  }
  throw new SourceError('malformed', `Hugging Face's list of ${day} is not a list.`);
}

/** The page announced by `Link: <…>; rel="next"` (RFC 8288). One that leads to another origin is refused (RULES 25). */
function followUp(link: string | null, first: URL, day: string): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  if (!URL.canParse(target, first.href))
    throw new SourceError('malformed', `Hugging Face's list of ${day} names a next page that is no address.`);
  const next = new URL(target, first);
  if (next.origin !== first.origin) {
    throw new SourceError(
      'malformed',
      `Hugging Face's list of ${day} goes on at ${next.origin}; only ${first.origin} is followed.`,
    );
  }
  return next;
}
