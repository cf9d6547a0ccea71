/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import { papersRankedMax, type SearchAnswer, searchPapers } from '../db/search.ts';
import { utcDate } from '../domain/cadence.ts';
import {
  formatSearch,
  isEmptySearch,
  parseSearch,
  queryCharactersMax,
  type SearchQuery,
  wordsOf,
} from '../domain/search-query.ts';
import { parseTopic } from '../domain/topic.ts';
import { fieldOfKind } from '../domain/topic-notation.ts';
import { words } from '../words/words.ts';
import { publicly } from './list.ts';
import { PaperItem } from './paper-item.tsx';
import { PageTurn, papersPerPage, readPage } from './paper-list.tsx';
import { withQuery } from './paper-links.ts';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { topicCounts } from './topic-rates.ts';

const said = words.search;

/** Search over all papers known. A search for words can be followed. */
export function searchRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.use('/search', etag(), publicly);
  routes.get('/search', async (c) => {
    const typed = (c.req.query('q') ?? '').slice(0, queryCharactersMax).replaceAll('\0', '');
    const number = readPage(c.req.query('page'));
    if (number === undefined) return c.notFound();
    return show(c, ctx, typed, number);
  });
  return routes;
}

async function show(c: HttpContext, ctx: Context, typed: string, number: number): Promise<Response> {
  const query = parseSearch(typed);
  const today = utcDate(ctx.now());
  const offered = new Set((await topicCounts(ctx)).map(({ slug }) => slug));
  const shared = { typed, query, number, today, offered };
  if (isEmptySearch(query)) return page(c, <SearchPage {...shared} answer={undefined} />);
  try {
    const answer = await searchPapers(ctx.db, query, {
      limit: papersPerPage,
      offset: (number - 1) * papersPerPage,
    });
    return page(c, <SearchPage {...shared} answer={answer} />);
  } catch (error) {
    if ((error as { code?: string }).code !== tookTooLong) throw error;
    return page(c, <SearchPage {...shared} answer="took too long" />, 503);
  }
}

/** Postgres' code for a statement that ran into its time limit. */
const tookTooLong = '57014';

interface SearchPageProps {
  typed: string;
  query: SearchQuery;
  number: number;
  today: string;
  /** The topics that can be chosen by name. */
  offered: ReadonlySet<string>;
  answer: SearchAnswer | 'took too long' | undefined;
}

function SearchPage(props: SearchPageProps) {
  const { typed, query, number, today, answer } = props;
  const found = typeof answer === 'object' ? answer : undefined;
  return (
    <Sheet
      title={typed ? said.titleOf(typed) : said.title}
      day={found ? said.found(found.total, found.total === papersRankedMax) : said.title}
      section="search"
    >
      <h1 class="aside-from-view">{said.title}</h1>
      <SearchForm typed={typed} />
      {query.faults.map((fault) => (
        <p class="fault">{fault}</p>
      ))}
      <Verdict {...props} />
      {found?.papers.map((paper) => (
        <PaperItem paper={paper} today={today} />
      ))}
      {found && (
        <PageTurn
          path="/search"
          total={found.total}
          choice={{ topic: undefined, sort: 'votes', page: number }}
          sorts={['votes']}
          more={{ q: formatSearch(query) }}
        />
      )}
    </Sheet>
  );
}

/** The search box. */
function SearchForm({ typed }: { typed: string }) {
  return (
    <form class="ask" method="get" action="/search" role="search">
      <div class="line">
        <div class="field">
          <label for="q">{said.label}</label>
          <input
            id="q"
            name="q"
            type="search"
            value={typed}
            maxlength={queryCharactersMax}
            aria-describedby="q-hint"
          />
        </div>
        <button>{said.button}</button>
      </div>
      <p class="hint" id="q-hint">
        {said.like((example) => (
          <i class="whole">{example}</i>
        ))}
      </p>
    </form>
  );
}

/** What came of it, where that is not plain from the papers; and the way to get it by mail. */
function Verdict({ answer, query, typed, offered }: SearchPageProps) {
  if (answer === undefined) {
    return typed === '' ? null : <p class="paper">{said.nothingToLookFor}</p>;
  }
  if (answer === 'took too long') return <p class="paper">{said.tookTooLong}</p>;
  if (answer.isOnlyCommonWords) return <p class="paper">{said.onlyCommonWords}</p>;
  const follow = followPath(query, offered);
  return (
    <>
      {follow && (
        <p class="small follow">
          <a href={follow}>{said.follow}</a> <span class="soft">{said.followEnd}</span>
        </p>
      )}
      {answer.total === 0 && <p class="paper">{said.nothingFound}</p>}
    </>
  );
}

/**
 * The form with this search filled in, where it can be followed: words and topics can, or one name or category with words
 * to leave out. All of a search must hold, whereas each topic followed stands for itself.
 */
function followPath(query: SearchQuery, offered: ReadonlySet<string>): string | undefined {
  const named = [
    ...query.authors.map((name) => `${fieldOfKind.author}: ${name}`),
    ...query.organizations.map((name) => `${fieldOfKind.organization}: ${name}`),
    ...query.categories.map((category) => `${fieldOfKind.category}: ${category}`),
  ];
  const typed = wordsOf(query);
  const topics = query.topics.filter((slug) => offered.has(slug));
  if (named.length > 0) {
    const isOne =
      named.length === 1 && topics.length === 0 && query.terms.every(({ isLeftOut }) => isLeftOut);
    const topic = `${named[0]} ${typed}`.trim();
    return isOne && !('fault' in parseTopic(topic)) ? withQuery('/subscribe', { phrases: topic }) : undefined;
  }
  const phrases = typed !== '' && !('fault' in parseTopic(typed)) ? typed : '';
  if (topics.length === 0 && phrases === '') return undefined;
  return withQuery('/subscribe', { topics, phrases });
}
