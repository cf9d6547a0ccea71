/** @jsxImportSource hono/jsx */
import type { MailboxLine } from '../db/mailbox-messages.ts';
import { EventNote, Sheet } from './sheet.tsx';
import { kilobytes, moment } from './wording.ts';

export interface InboxPageProps {
  lines: readonly MailboxLine[];
  hasOlder: boolean;
  isNewest: boolean;
  /** What the addresses were searched for. */
  to: string | undefined;
}

/** Every mail the mailbox keeps, newest first, a page at a time. */
export function InboxPage({ lines, hasOlder, isNewest, to }: InboxPageProps) {
  return (
    <Sheet title="Mailbox">
      <div class="bar">
        <h1>{to ? `Mail to “${to}”` : 'Mail'}</h1>
        <form class="find" method="get" action="/mailbox">
          <input
            name="to"
            type="search"
            value={to ?? ''}
            placeholder="Address"
            aria-label="Part of an address"
          />
          <button>Find</button>
        </form>
      </div>
      <p class="zone">Times are UTC</p>
      {lines.length === 0 ? <p class="none">{whyEmpty(to, isNewest)}</p> : <Lines lines={lines} />}
      <p class="older">
        {!isNewest && <a href={pageUrl(to)}>Newest</a>}{' '}
        {hasOlder && <a href={pageUrl(to, lines.at(-1)!.place)}>Older</a>}
      </p>
    </Sheet>
  );
}

function Lines({ lines }: { lines: readonly MailboxLine[] }) {
  return (
    <ol class="list">
      {lines.map((line) => (
        <li>
          <a href={`/mailbox/${line.id}`}>
            <span class="to">{line.to}</span>
            <span class="subject">{line.subject || '(no subject)'}</span>
            <span class="when">
              <EventNote lastEvent={line.lastEvent} after=" · " />
              <time datetime={line.at.toISOString()}>{moment(line.at)}</time> · {kilobytes(line.htmlBytes)}
            </span>
          </a>
        </li>
      ))}
    </ol>
  );
}

function whyEmpty(to: string | undefined, isNewest: boolean): string {
  if (to) return 'No mail went to such an address.';
  return isNewest ? 'No mail yet. It comes with the first edition.' : 'Nothing older is kept.';
}

function pageUrl(to: string | undefined, before?: string): string {
  const query = new URLSearchParams({ ...(to && { to }), ...(before && { before }) }).toString();
  return query ? `/mailbox?${query}` : '/mailbox';
}
