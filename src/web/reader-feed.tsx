/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readRecentDigests, type RecentDigest } from '../db/recent-digests.ts';
import { type ListedPaper, readPapers } from '../db/listings.ts';
import { readToken, signToken } from '../domain/tokens.ts';
import { readPreferences } from '../pipeline/preferences.ts';
import { clean, httpsUrl } from '../render/clean.ts';
import { metaLine } from '../render/meta.ts';
import { firstSentences } from '../render/sentences.ts';
import { words } from '../words/words.ts';
import { type AtomEntry, atomOf } from './atom.ts';
import { paperPath } from './paper-links.ts';
import { atom, markup, page } from './respond.ts';
import { StaleLinkPage } from './stale-link.tsx';
import { longDate } from './wording.ts';

const digestsMax = 14;
const sentencesCharactersMax = 420;

/** A reader's last digests as Atom. Its token reads them and nothing else; the reader can end it (RULES 22). */
export function readerFeedRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/feed/:token', async (c) => {
    const claims = readToken(ctx.config.keys, 'feed', c.req.param('token'));
    const preferences = claims && (await readPreferences(ctx, claims));
    if (!claims || !preferences) return page(c, <StaleLinkPage />, 404);
    const { publicUrl } = ctx.config;
    const digests = await readRecentDigests(ctx.db, claims.subscriberId, digestsMax);
    const entries = await Promise.all(digests.map((digest) => entryOf(ctx, preferences, digest)));
    return atom(
      c,
      atomOf({
        id: `${publicUrl}/feed/${claims.subscriberId}`,
        title: words.feeds.digests,
        selfUrl: `${publicUrl}${c.req.path}`,
        pageUrl: `${publicUrl}/`,
        updated: entries[0]?.updated ?? new Date(0),
        entries,
      }),
    );
  });
  return routes;
}

async function entryOf(
  ctx: Context,
  { subscriberId, addressVersion }: { subscriberId: number; addressVersion: number },
  { localDate, paperIds, madeAt }: RecentDigest,
): Promise<AtomEntry> {
  const papers = await readPapers(ctx.db, paperIds);
  const claims = { purpose: 'digest' as const, subscriberId, addressVersion, localDate };
  return {
    id: `${ctx.config.publicUrl}/feed/${subscriberId}/${localDate}`,
    title: words.feeds.digest(longDate(localDate), papers.length),
    url: `${ctx.config.publicUrl}/digest/${signToken(ctx.config.keys[0], claims)}`,
    updated: madeAt,
    authors: [],
    html: markup(<PapersMarkup papers={papers} date={localDate} publicUrl={ctx.config.publicUrl} />),
  };
}

interface PapersMarkupProps {
  papers: readonly ListedPaper[];
  date: string;
  publicUrl: string;
}

function PapersMarkup({ papers, date, publicUrl }: PapersMarkupProps) {
  return (
    <>
      {papers.map((paper) => (
        <>
          <h3>
            <a href={httpsUrl(paper.url) ?? publicUrl + paperPath(paper.key)}>{clean(paper.title)}</a>
          </h3>
          <p>{metaLine(paper, date)}</p>
          <p>{firstSentences(clean(paper.summary) || clean(paper.abstract), sentencesCharactersMax)}</p>
        </>
      ))}
    </>
  );
}
