/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { Sheet } from '../sheet.tsx';
import { moment } from '../wording.ts';

export type OperatorSection =
  | 'today'
  | 'plots'
  | 'editions'
  | 'subscribers'
  | 'papers'
  | 'topics'
  | 'announcements'
  | 'webhooks'
  | 'suppressions'
  | 'actions';

export interface OperatorSheetProps {
  title: string;
  section?: OperatorSection;
  script?: string;
  children?: Child;
}

const sections: [OperatorSection | undefined, string, string][] = [
  ['today', 'Today', '/operators'],
  ['plots', 'Plots', '/operators/plots'],
  ['editions', 'Editions', '/operators/editions'],
  ['subscribers', 'Subscribers', '/operators/subscribers'],
  ['papers', 'Papers', '/operators/papers'],
  ['topics', 'Topics', '/operators/topics'],
  ['announcements', 'Announcements', '/operators/announcements'],
  ['webhooks', 'Webhooks', '/operators/webhooks'],
  ['suppressions', 'Suppressions', '/operators/suppressions'],
  ['actions', 'Log', '/operators/log'],
  [undefined, 'Queues', '/operators/queues'],
];

/** The sheet of the operators' pages: their sections under the name, the way out at the foot. */
export function OperatorSheet({ title, section, script, children }: OperatorSheetProps) {
  return (
    <Sheet title={title} day={`Operators · ${moment(new Date())}`} wide foot={<Foot />} script={script}>
      <nav class="sections" aria-label="Operators">
        {sections.map(([one, name, href]) => (
          <a href={href} aria-current={one !== undefined && one === section ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {children}
    </Sheet>
  );
}

function Foot() {
  return (
    <form method="post" action="/operators/logout">
      <p>
        <a href="/">Today’s papers</a> <button class="plain">Leave</button>
      </p>
    </form>
  );
}
