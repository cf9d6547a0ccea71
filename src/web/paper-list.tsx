/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { ListedPaper, ListSort } from '../db/listings.ts';
import { words } from '../words/words.ts';
import { PaperItem } from './paper-item.tsx';
import { withQuery } from './paper-links.ts';

const said = words.list;

/** Papers on one page; the rest are on further ones. */
export const papersPerPage = 60;
const pagesMax = 500;

/** How a list is cut and sorted, as its address says it. */
export interface ListChoice {
  topic: string | undefined;
  sort: ListSort;
  page: number;
}

export interface TopicCount {
  slug: string;
  name: string;
  papers: number;
}

export interface PaperListProps {
  path: string;
  choice: ListChoice;
  /** Which sorts make sense here, the usual one first; none is offered when there is only one. */
  sorts: readonly ListSort[];
  papers: readonly ListedPaper[];
  total: number;
  topics: readonly TopicCount[];
  today: string;
  /** What is said when there is nothing. */
  children?: Child;
}

/** The number of a page in an address, from 1; undefined for what is none. */
export function readPage(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  const page = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : NaN;
  return page <= pagesMax ? page : undefined;
}

/** A list of papers: by topic, sorted, page by page. */
export function PaperList(props: PaperListProps) {
  const { papers, choice, today } = props;
  return (
    <>
      <Narrower {...props} />
      {papers.length === 0 && <p class="paper">{props.children ?? said.nothing}</p>}
      {papers.map((paper, place) => (
        <PaperItem paper={paper} isLead={place === 0 && choice.page === 1} today={today} />
      ))}
      <PageTurn {...props} />
    </>
  );
}

/** "All topics · most votes", and what else there is. Links, so that each choice has an address of its own. */
function Narrower({ path, choice, sorts, topics }: PaperListProps) {
  const chosen = topics.find(({ slug }) => slug === choice.topic);
  const sort = choice.sort === sorts[0] ? undefined : choice.sort;
  if (topics.length === 0 && !choice.topic) return null;
  return (
    <div class="narrow">
      <details>
        <summary>{chosen ? chosen.name : choice.topic ? said.oneTopic : said.allTopics}</summary>
        <ul class="plain-list columns">
          {choice.topic !== undefined && (
            <li>
              <a href={withQuery(path, { sort })}>{said.allTopics}</a>
            </li>
          )}
          {topics.map(({ slug, name, papers }) => (
            <li>
              <a
                href={withQuery(path, { topic: slug, sort })}
                aria-current={slug === choice.topic ? 'true' : undefined}
              >
                {name}
              </a>{' '}
              <span class="soft">{papers}</span>
            </li>
          ))}
        </ul>
      </details>
      {sorts.length > 1 && (
        <p class="sorts">
          {sorts.map((one) => (
            <a
              href={withQuery(path, { topic: choice.topic, sort: one === sorts[0] ? undefined : one })}
              aria-current={one === choice.sort ? 'true' : undefined}
            >
              {said.sorts[one]}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

/** Earlier and further pages of one list. */
export function PageTurn({
  path,
  choice,
  total,
  sorts,
  more = {},
}: Pick<PaperListProps, 'path' | 'total'> & {
  choice: ListChoice;
  sorts: readonly ListSort[];
  more?: Record<string, string>;
}) {
  const { page } = choice;
  const pages = Math.min(Math.ceil(total / papersPerPage), pagesMax);
  if (pages < 2) return null;
  const at = (n: number) =>
    withQuery(path, {
      ...more,
      topic: choice.topic,
      sort: choice.sort === sorts[0] ? undefined : choice.sort,
      page: n === 1 ? undefined : String(n),
    });
  return (
    <nav class="turn" aria-label={said.pages}>
      {page > 1 ? <a href={at(page - 1)}>← {said.page(page - 1)}</a> : <span />}
      <span class="soft">{said.pageOf(page, pages, total)}</span>
      {page < pages ? <a href={at(page + 1)}>{said.page(page + 1)} →</a> : <span />}
    </nav>
  );
}
