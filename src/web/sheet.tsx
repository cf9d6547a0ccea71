/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { words } from '../words/words.ts';
import { comfortPath } from './comfort.ts';
import { stylesheetPath } from './stylesheet.ts';

export interface SheetProps {
  title: string;
  /** The line under the name. */
  day?: Child;
  /** Where in the archive this is; such pages have its links under the name. */
  section?: Section;
  /** The Atom feeds that go with the page. */
  feeds?: readonly Feed[];
  /** Has a form that chooses: such pages have the one script, which adds only comfort. */
  isForm?: boolean;
  /** Another script of ours, without which the page is whole as well. */
  script?: string | undefined;
  /** Two columns side by side, or a table of many. */
  wide?: boolean;
  /** The foot's own links, where they are not those of a reader's page. */
  foot?: Child;
  children?: Child;
}

export type Section = 'day' | 'week' | 'month' | 'trending' | 'search';

export interface Feed {
  title: string;
  href: string;
}

const { site } = words;
const publicFeed: Feed = { title: site.feedTitle, href: '/papers.atom' };

/** The sheet that every page is set on: the name, one double rule, and what follows. */
export function Sheet({ title, day, section, feeds, isForm, script, wide, foot, children }: SheetProps) {
  return (
    <html lang={words.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === words.name ? title : `${title} · ${words.name}`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={stylesheetPath} />
        {(feeds ?? (section ? [publicFeed] : [])).map((feed) => (
          <link rel="alternate" type="application/atom+xml" title={feed.title} href={feed.href} />
        ))}
        {isForm && <script src={comfortPath} defer />}
        {script && <script src={script} defer />}
      </head>
      <body>
        <div class={wide ? 'sheet wide' : 'sheet'}>
          <header class="mast">
            <a class="name" href="/">
              {words.name}
            </a>
            <p class="day">{day ?? words.promise}</p>
          </header>
          {section && <Sections section={section} />}
          <main>{children}</main>
          <footer class="foot">
            {foot ?? (
              <p>
                <a href="/">{site.todaysPapers}</a> <a href="/search">{site.search}</a>{' '}
                <a href="/papers.atom">{site.feed}</a> <a href="/privacy">{site.whatWeKeep}</a>
              </p>
            )}
          </footer>
        </div>
      </body>
    </html>
  );
}

const sections: [Section, string][] = [
  ['day', '/'],
  ['week', '/papers/week'],
  ['month', '/papers/month'],
  ['trending', '/papers/trending'],
  ['search', '/search'],
];

function Sections({ section }: { section: Section }) {
  return (
    <nav class="sections" aria-label={site.archive}>
      {sections.map(([one, href]) => (
        <a href={href} aria-current={one === section ? 'page' : undefined}>
          {site.sections[one]}
        </a>
      ))}
    </nav>
  );
}

/** A page that says one thing. */
export function Words({ title, children }: { title: string; children?: Child }) {
  return (
    <Sheet title={title}>
      <h1>{title}</h1>
      {children}
    </Sheet>
  );
}
