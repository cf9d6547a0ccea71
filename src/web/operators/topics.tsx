/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import {
  listTopicLines,
  listTopicMatches,
  readWholeTopic,
  type TopicLine,
  type TopicMatch,
  type WholeTopic,
} from '../../db/operator-topics.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { paperPath } from '../paper-links.ts';
import { page } from '../respond.ts';
import { count, moment, shortDate } from '../wording.ts';
import { keepCounts } from './kept-counts.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

const daysCounted = 7;
const daysPreviewed = 14;
const topicsShownMax = 300;
const matchesShownMax = 60;
const linesFreshMs = 30_000;

/** What each topic matched of late, and for whom. */
export function topicAdminRoutes(ctx: Context): Hono {
  const routes = new Hono();
  // Who follows what is a count over all readers, so it is kept for a while; by the day from which it counts.
  const lines = keepCounts({
    count: (since) => listTopicLines(ctx.db, since, topicsShownMax),
    freshMs: () => linesFreshMs,
  });

  routes.get('/operators/topics', async (c) => {
    const since = addDays(utcDate(ctx.now()), -daysCounted);
    const topics = (await lines.read([since])).get(since);
    return page(c, <TopicsPage topics={topics} />);
  });

  routes.get('/operators/topics/:id{[0-9]{1,9}}', async (c) => {
    const topic = await readWholeTopic(ctx.db, Number(c.req.param('id')));
    if (!topic) return c.notFound();
    const since = addDays(utcDate(ctx.now()), -daysPreviewed);
    const matches = await listTopicMatches(ctx.db, topic.id, since, matchesShownMax);
    return page(c, <TopicPage topic={topic} matches={matches} />);
  });
  return routes;
}

const listColumns = [
  { name: 'Topic', text: true },
  { name: 'Kind', text: true },
  { name: 'Readers' },
  { name: `Papers, ${daysCounted} days` },
  { name: 'In the title' },
];

function TopicsPage({ topics }: { topics: readonly TopicLine[] | undefined }) {
  const silent = topics?.filter(({ followers, papers }) => followers > 0 && papers === 0) ?? [];
  return (
    <OperatorSheet title="Topics" section="topics">
      <h1>Topics</h1>
      <p>
        <a href="/operators/topics/new">Add one</a>
      </p>
      {!topics && <p>They are being counted; look again in a moment.</p>}
      {silent.length > 0 && (
        <p class="sentence">
          {count(silent.length, 'topic')} with readers matched nothing in the last {daysCounted} days.
        </p>
      )}
      {topics && (
        <ScrollTable caption="What they matched" columns={listColumns}>
          {topics.map(({ id, slug, name, retiredAt, followers, papers, inTitle }) => (
            <tr>
              <td class="text">
                <a href={`/operators/topics/${id}`}>{name}</a>
              </td>
              <td class="text">{retiredAt ? 'retired' : slug ? 'curated' : 'typed by readers'}</td>
              <td>{followers.toLocaleString('en-US')}</td>
              <td>{papers.toLocaleString('en-US')}</td>
              <td>{inTitle.toLocaleString('en-US')}</td>
            </tr>
          ))}
        </ScrollTable>
      )}
    </OperatorSheet>
  );
}

const matchColumns = [
  { name: 'Listed', text: true },
  { name: 'Paper', text: true },
  { name: 'Relevance' },
  { name: 'By', text: true },
];

function TopicPage({ topic, matches }: { topic: WholeTopic; matches: readonly TopicMatch[] }) {
  return (
    <OperatorSheet title={topic.name} section="topics">
      <h1>{topic.name}</h1>
      {topic.description && <p class="soft">{topic.description}</p>}
      <p class="links">
        {topic.slug && <a href={`/operators/topics/${topic.id}/edit`}>Change it</a>}
        <a href={`/operators/topics/${topic.id}/end`}>
          {topic.retiredAt ? 'Bring it back, or merge it' : topic.slug ? 'Retire or merge it' : 'Merge it'}
        </a>
      </p>
      <section class="block">
        <dl class="facts">
          <dt>Definition</dt>
          <dd>{topic.definition}</dd>
          <dt>Kind</dt>
          <dd>
            {topic.kind}, {topic.slug ? `curated as ${topic.slug}` : 'typed by readers'}
            {topic.retiredAt &&
              !topic.mergedInto &&
              '; retired: its readers keep it, new papers no longer match'}
            {topic.mergedInto && (
              <>
                ; merged into <a href={`/operators/topics/${topic.mergedInto.id}`}>{topic.mergedInto.name}</a>
              </>
            )}
          </dd>
          {topic.slug && (
            <>
              <dt>Word of</dt>
              <dd>
                {topic.operatedAt
                  ? `an operator, since ${moment(topic.operatedAt)}: upgrades leave it as it is`
                  : 'the data file: an upgrade may change it'}
              </dd>
            </>
          )}
        </dl>
      </section>
      <section class="block">
        {matches.length === 0 ? (
          <p>It matched no paper of the last {daysPreviewed} days.</p>
        ) : (
          <ScrollTable caption={`What it matched in ${daysPreviewed} days`} columns={matchColumns}>
            {matches.map(({ key, title, listedOn, relevance, inTitle, phrase }) => (
              <tr>
                <td class="text">{shortDate(listedOn)}</td>
                <td class="text wrap">
                  <a href={paperPath(key)}>{title}</a>
                </td>
                <td>{relevance.toFixed(2)}</td>
                <td class="text wrap">
                  {phrase ?? 'likeness'}
                  {inTitle && ', in the title'}
                </td>
              </tr>
            ))}
          </ScrollTable>
        )}
      </section>
    </OperatorSheet>
  );
}
