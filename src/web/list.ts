import type { Context as HttpContext, MiddlewareHandler } from 'hono';
import type { Context } from '../context.ts';
import { countByTopic, listSorts, type ListSort, readListedPapers } from '../db/listings.ts';
import { findOfferedTopic } from '../db/topics.ts';
import { utcDate } from '../domain/cadence.ts';
import type { Days } from '../domain/calendar.ts';
import { papersPerPage, type PaperListProps, readPage } from './paper-list.tsx';

/** A list as a page shows it. */
export type List = Omit<PaperListProps, 'path' | 'today' | 'children'>;

const freshForS = 60;

/** Pages that are the same for everybody may be kept for a minute; with the ETag they cost nothing after it either. */
export const publicly: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.res.status === 200) c.res.headers.set('Cache-Control', `public, max-age=${freshForS}`);
};

/** The list of some days as the request's address wants it; undefined for an address that nobody was given. */
export async function readList(
  c: HttpContext,
  ctx: Context,
  days: Days,
  sorts: readonly ListSort[],
): Promise<List | undefined> {
  const topic = c.req.query('topic') || undefined;
  const sort = c.req.query('sort') ?? sorts[0];
  const page = readPage(c.req.query('page'));
  const isKnown = listSorts.some((one) => one === sort) && sorts.includes(sort as ListSort);
  if (page === undefined || !isKnown) return undefined;
  if (topic !== undefined && !(await findOfferedTopic(ctx.db, topic))) return undefined;
  const choice = { topic, sort: sort as ListSort, page };
  const [{ papers, total }, topics] = await Promise.all([
    readListedPapers(ctx.db, {
      ...days,
      ...choice,
      today: utcDate(ctx.now()),
      limit: papersPerPage,
      offset: (page - 1) * papersPerPage,
    }),
    countByTopic(ctx.db, days),
  ]);
  if (page > 1 && papers.length === 0) return undefined;
  return { choice, sorts, papers, total, topics };
}
