/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { stylesheetPath } from './stylesheet.ts';

export interface SheetProps {
  title: string;
  /** The line under the name. */
  day?: Child;
  /** Two columns side by side, or a table of many. */
  wide?: boolean;
  /** The foot's own links, where they are not those of a reader's page. */
  foot?: Child;
  children?: Child;
}

/** The sheet that every page is set on: the name, one double rule, and what follows. */
export function Sheet({ title, day, wide, foot, children }: SheetProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === 'Broadsheet' ? title : `${title} · Broadsheet`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={stylesheetPath} />
      </head>
      <body>
        <div class={wide ? 'sheet wide' : 'sheet'}>
          <header class="mast">
            <a class="name" href="/">
              Broadsheet
            </a>
            <p class="day">{day ?? 'The research papers that matter to you, once a day'}</p>
          </header>
          <main>{children}</main>
          <footer class="foot">
            {foot ?? (
              <p>
                <a href="/">Today’s papers</a> <a href="/privacy">What we keep</a>
              </p>
            )}
          </footer>
        </div>
      </body>
    </html>
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
