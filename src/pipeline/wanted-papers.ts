/**
 * A reader may name a paper that nobody has listed here, and want others like it. It is asked of arXiv once its reader has
 * confirmed, by the worker that reads the sources; until then its key waits on the reader's row.
 *
 * It dies after the papers are stored: the next run finds them known, and lets their readers follow them.
 */
import type { Context } from '../context.ts';
import { matchPapers } from '../db/matches.ts';
import { upsertPapers } from '../db/papers.ts';
import { ensureTopics } from '../db/topics.ts';
import { followWanted, listWantedPapers } from '../db/wanted-papers.ts';
import { utcDate } from '../domain/cadence.ts';
import { parseTopic } from '../domain/topic.ts';
import { fieldOfKind } from '../domain/topic-notation.ts';
import { arxivIdsMax, readArxivPapers } from '../sources/arxiv-papers.ts';
import { arxivHeldMs, arxivPauseMs } from '../sources/arxiv-request.ts';
import { SourceError } from '../sources/source.ts';
import { sourceGate } from './source-gate.ts';

const arxiv = 'arxiv:';

/** Keys of those of `texts` that are to be like a paper not known here; they are missing in what `ensureTopics` gave. */
export function wantedIn(texts: readonly string[], topicIds: ReadonlyMap<string, number>): string[] {
  const topics = texts.filter((text) => !topicIds.has(text)).map((text) => parseTopic(text));
  return topics.flatMap((topic) => (!('fault' in topic) && topic.kind === 'like' ? [topic.definition] : []));
}

/** Fetches what is wanted, as much as fits into one request. Gives how many papers came. */
export async function fetchWantedPapers(ctx: Context): Promise<number> {
  const keys = (await listWantedPapers(ctx.db, arxivIdsMax)).filter((key) => key.startsWith(arxiv));
  if (keys.length === 0) return 0;
  const gate = sourceGate(ctx.db, 'arxiv', { pauseMs: arxivPauseMs, heldMs: arxivHeldMs });
  const now = ctx.now();
  try {
    const ids = keys.map((key) => key.slice(arxiv.length));
    const access = { baseUrl: ctx.config.arxivBaseUrl, gate };
    const papers = await readArxivPapers(access, ids, utcDate(now), ctx.signal);
    const { changedIds } = await upsertPapers(ctx.db, 'arxiv', papers, now);
    await matchPapers(ctx.db, changedIds);
    const texts = new Map(keys.map((key) => [`${fieldOfKind.like}: ${key.slice(arxiv.length)}`, key]));
    const topicIds = await ensureTopics(ctx.db, [...texts.keys()]);
    await followWanted(ctx.db, keys, new Map([...topicIds].map(([text, id]) => [texts.get(text)!, id])));
    ctx.log.info({ wanted: keys.length, came: papers.length }, 'papers that readers named');
    return papers.length;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    ctx.log.warn({ wanted: keys.length, reason: error.message }, 'papers that readers named must wait');
    return 0;
  }
}
