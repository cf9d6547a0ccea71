/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { Sheet } from '../sheet.tsx';
import { moment } from '../wording.ts';

export type OperatorSection =
  | 'today'
  | 'editions'
  | 'subscribers'
  | 'papers'
  | 'topics'
  | 'announcements'
  | 'actions';

export interface OperatorSheetProps {
  title: string;
  section?: OperatorSection;
  children?: Child;
}

const sections: [OperatorSection | undefined, string, string][] = [
  ['today', 'Today', '/operators'],
  ['editions', 'Editions', '/operators/editions'],
  ['subscribers', 'Subscribers', '/operators/subscribers'],
  ['papers', 'Papers', '/operators/papers'],
  ['topics', 'Topics', '/operators/topics'],
  ['announcements', 'Announcements', '/operators/announcements'],
  ['actions', 'Log', '/operators/log'],
  [undefined, 'Queues', '/operators/queues'],
];

/** The sheet of the operators' pages: their sections under the name, the way out at the foot. */
export function OperatorSheet({ title, section, children }: OperatorSheetProps) {
  return (
    <Sheet title={title} day={`Operators · ${moment(new Date())}`} wide foot={<Foot />}>
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
