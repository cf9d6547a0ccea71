/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import type { ListedPaper } from '../db/listings.ts';
import { findSimilar, readWholePaper, type WholePaper } from '../db/paper-page.ts';
import { utcDate } from '../domain/cadence.ts';
import { arxivKey } from '../domain/arxiv-id.ts';
import { bibtexOf } from '../domain/bibtex.ts';
import { clean } from '../render/clean.ts';
import { metaLine } from '../render/meta.ts';
import { words } from '../words/words.ts';
import { publicly } from './list.ts';
import { PaperItem, PaperLinks, PaperPicture } from './paper-item.tsx';
import { withQuery } from './paper-links.ts';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { longDate, sourceName } from './wording.ts';

const said = words.paperPage;
const keyCharactersMax = 400;
const authorsShownMax = 30;
const topicsFollowedMax = 5;

/** A page for each paper: what it says, how to cite it, where it was listed, and what is like it. */
export function paperRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.use('/paper/*', etag(), publicly);
  routes.get('/paper/:key{.+}', async (c) => {
    const key = c.req.param('key').replaceAll('\0', '');
    const paper = key.length > keyCharactersMax ? undefined : await readWholePaper(ctx.db, key);
    if (!paper) return c.notFound();
    const similar = await findSimilar(ctx.db, paper.id);
    return page(c, <PaperPage paper={paper} similar={similar} today={utcDate(ctx.now())} />);
  });
  return routes;
}

interface PaperPageProps {
  paper: WholePaper;
  similar: readonly ListedPaper[];
  today: string;
}

function PaperPage({ paper, similar, today }: PaperPageProps) {
  const title = clean(paper.title);
  const picture = paper.pictures?.wide;
  const summary = clean(paper.summary);
  const abstract = clean(paper.abstract);
  return (
    <Sheet title={title} day={metaLine(paper, today)}>
      <article class="whole-paper">
        <h1>{title}</h1>
        <p class="meta">{authorLine(paper)}</p>
        {paper.withdrawnAt && <p class="fault">{said.withdrawn}</p>}
        <PaperLinks paper={paper} />
        {picture && <PaperPicture picture={picture} />}
        {paper.editorNote && (
          <div class="note">
            <p>
              <b>{words.paper.editorNote}</b> {paper.editorNote}
            </p>
          </div>
        )}
        {summary && summary !== abstract && <p class="summary">{summary}</p>}
        {abstract && (
          <>
            <h2>{said.abstract}</h2>
            <p>{abstract}</p>
          </>
        )}
        <Facts paper={paper} today={today} />
        <Follow paper={paper} />
        <details>
          <summary>BibTeX</summary>
          <pre tabindex={0}>{bibtexOf({ ...paper, title })}</pre>
        </details>
      </article>
      {similar.length > 0 && (
        <section class="block" aria-labelledby="similar">
          <h2 id="similar">{said.moreLikeThis}</h2>
          {similar.map((one) => (
            <PaperItem paper={one} today={today} />
          ))}
        </section>
      )}
    </Sheet>
  );
}

function Facts({ paper, today }: { paper: WholePaper; today: string }) {
  const { listings, topics, categories, key, version } = paper;
  return (
    <dl class="facts">
      {topics.length > 0 && (
        <>
          <dt>{said.topics}</dt>
          <dd>
            {topics.map(({ slug, name }, place) => (
              <>
                {place > 0 && ', '}
                <a href={withQuery('/search', { q: `topic:${slug}` })}>{name}</a>
              </>
            ))}
          </dd>
        </>
      )}
      {listings.length > 0 && (
        <>
          <dt>{said.listed}</dt>
          <dd>
            {listings.map(({ source, listedOn }, place) => (
              <>
                {place > 0 && '; '}
                <a href={`/papers/${listedOn}`}>{longDate(listedOn, today)}</a>, {sourceName(source)}
              </>
            ))}
          </dd>
        </>
      )}
      {categories.length > 0 && (
        <>
          <dt>{said.categories}</dt>
          <dd>{categories.join(', ')}</dd>
        </>
      )}
      {key.startsWith('arxiv:') && (
        <>
          <dt>{said.arxiv}</dt>
          <dd>
            {key.slice('arxiv:'.length)}
            {version ? said.version(version) : ''}
          </dd>
        </>
      )}
    </dl>
  );
}

/** Papers like one of arXiv's can be followed as such; like any other, by its topics. */
function Follow({ paper }: { paper: WholePaper }) {
  const topics = paper.topics.slice(0, topicsFollowedMax);
  const isArxiv = paper.key.startsWith(arxivKey(''));
  if (!isArxiv && topics.length === 0) return null;
  const href = isArxiv
    ? withQuery('/subscribe', { likes: paper.key.slice(arxivKey('').length) })
    : withQuery('/subscribe', { topics: topics.map(({ slug }) => slug) });
  return (
    <p>
      <a href={href}>{said.follow}</a>{' '}
      {!isArxiv && <span class="soft">({topics.map(({ name }) => name).join(', ')})</span>}
    </p>
  );
}

function authorLine({ authors, authorsCount, organization }: WholePaper): string {
  const shown = authors.slice(0, authorsShownMax).map(clean).filter(Boolean);
  const more = Math.max(authorsCount, authors.length) - shown.length;
  const names = shown.join(', ') + (more > 0 && shown.length > 0 ? said.moreAuthors(more) : '');
  const from = clean(organization ?? '');
  return [names, from].filter(Boolean).join(' · ');
}
