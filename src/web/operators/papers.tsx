/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { setHidden } from '../../db/hidden-papers.ts';
import { listSourceDaysSince, readSourceDays, type SourceDay } from '../../db/listings.ts';
import {
  listFeaturedPapers,
  listHiddenPapers,
  listPapersOfDay,
  type OperatorPaper,
} from '../../db/operator-papers.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { isDate } from '../../domain/calendar.ts';
import { readForm } from '../form.ts';
import { paperPath } from '../paper-links.ts';
import { page } from '../respond.ts';
import { count, longDate, sourceName } from '../wording.ts';
import { featurePath } from './feature.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';
import { SourceTable } from './source-table.tsx';

const daysShown = 28;
const papersShownMax = 1000;
const hiddenShownMax = 100;
const featuredShownMax = 100;

/** What came in, what did not and why; and a way to take one paper out of everything that is still to be made. */
export function paperAdminRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/operators/papers', async (c) => {
    const days = await listSourceDaysSince(ctx.db, addDays(utcDate(ctx.now()), -daysShown));
    const featured = await listFeaturedPapers(ctx.db, featuredShownMax);
    const hidden = await listHiddenPapers(ctx.db, hiddenShownMax);
    return page(c, <ListsPage days={days} featured={featured} hidden={hidden} />);
  });

  routes.get('/operators/papers/:day', async (c) => {
    const day = c.req.param('day');
    if (!isDate(day)) return c.notFound();
    const [days, papers] = await Promise.all([
      readSourceDays(ctx.db, day),
      listPapersOfDay(ctx.db, day, papersShownMax),
    ]);
    if (days.length === 0 && papers.length === 0) return c.notFound();
    return page(c, <DayPage day={day} days={days} papers={papers} />);
  });

  for (const [verb, isHidden] of [
    ['hide', true],
    ['show', false],
  ] as const) {
    routes.post(`/operators/papers/${verb}`, async (c) => {
      const form = await readForm(c);
      const [key, day] = [form.text('key'), form.text('day')];
      if (await setHidden(ctx.db, key, isHidden, 'operator')) {
        ctx.log.info(
          { paper: key },
          isHidden ? 'an operator hid a paper' : 'an operator showed a paper again',
        );
      }
      return c.redirect(isDate(day) ? `/operators/papers/${day}` : '/operators/papers', 303);
    });
  }
  return routes;
}

function ListsPage({
  days,
  featured,
  hidden,
}: {
  days: readonly SourceDay[];
  featured: readonly OperatorPaper[];
  hidden: readonly OperatorPaper[];
}) {
  return (
    <OperatorSheet title="Papers" section="papers">
      <h1>What came in</h1>
      <SourceTable days={days} />
      {featured.length > 0 && (
        <section class="block">
          <PaperTable caption="Featured by operators" papers={featured} />
        </section>
      )}
      {hidden.length > 0 && (
        <section class="block">
          <PaperTable caption="Hidden by operators" papers={hidden} />
        </section>
      )}
    </OperatorSheet>
  );
}

function DayPage({
  day,
  days,
  papers,
}: {
  day: string;
  days: readonly SourceDay[];
  papers: readonly OperatorPaper[];
}) {
  const unmatched = papers.filter(({ topics, typedTopics }) => topics.length + typedTopics === 0).length;
  return (
    <OperatorSheet title={`Papers of ${day}`} section="papers">
      <h1>{longDate(day)}</h1>
      <p class="sentence">
        {count(papers.length, 'paper')}
        {papers.length === papersShownMax && ' and more'}
        {unmatched > 0 && `; ${unmatched} match no topic`}.
      </p>
      <section class="block">
        <SourceTable days={days} />
      </section>
      <section class="block">
        <PaperTable caption="Papers" papers={papers} day={day} />
      </section>
    </OperatorSheet>
  );
}

const columns = [
  { name: 'Paper', text: true },
  { name: 'Votes' },
  { name: 'Listed by', text: true },
  { name: 'Topics', text: true },
  { name: 'Feature', text: true },
  { name: 'Hide', text: true },
];

function PaperTable({
  caption,
  papers,
  day,
}: {
  caption: string;
  papers: readonly OperatorPaper[];
  day?: string;
}) {
  return (
    <ScrollTable caption={caption} columns={columns}>
      {papers.map((paper) => (
        <tr>
          <td class="text wrap">
            {paper.hiddenAt ? paper.title : <a href={paperPath(paper.key)}>{paper.title}</a>}
            {paper.withdrawnAt && <span class="soft"> · withdrawn</span>}
            {paper.hiddenAt && <b class="red"> · hidden</b>}
            {paper.editorNote && <p class="why">Featured: {paper.editorNote}</p>}
          </td>
          <td>{paper.votes.toLocaleString('en-US')}</td>
          <td class="text">{paper.sources.map(sourceName).join(', ')}</td>
          <td class="text wrap">{topicsOf(paper)}</td>
          <td class="text">
            <a href={featurePath(paper.key, day)} aria-label={`Feature ${paper.title}`}>
              {paper.editorNote ? 'Change' : 'Feature'}
            </a>
          </td>
          <td class="text">
            <form method="post" action={`/operators/papers/${paper.hiddenAt ? 'show' : 'hide'}`}>
              <input type="hidden" name="key" value={paper.key} />
              {day && <input type="hidden" name="day" value={day} />}
              <button class="plain" aria-label={`${paper.hiddenAt ? 'Show' : 'Hide'} ${paper.title}`}>
                {paper.hiddenAt ? 'Show again' : 'Hide'}
              </button>
            </form>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function topicsOf({ topics, typedTopics }: OperatorPaper): string {
  const named = topics.join(', ');
  if (typedTopics === 0) return named || 'none';
  return `${named}${named ? ', and ' : ''}${typedTopics} typed by readers`;
}
