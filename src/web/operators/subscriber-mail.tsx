/** @jsxImportSource hono/jsx */
import type { LoggedAction } from '../../db/operator-actions.ts';
import type { ViewedDigest } from '../../pipeline/view.ts';
import { longDate } from '../wording.ts';
import { ActionTable } from './actions.tsx';
import { OperatorSheet } from './operator-sheet.tsx';

/** One mail as it went out, in a frame that runs nothing and leads nowhere but to new windows. */
export function MailPage({ id, date, mail }: { id: number; date: string; mail: ViewedDigest }) {
  const here = `/operators/subscribers/${id}/mail/${date}`;
  return (
    <OperatorSheet title={mail.subject} section="subscribers">
      <h1>{mail.subject}</h1>
      <p class="soft">
        <a href={`/operators/subscribers/${id}`}>Reader {id}</a>, {longDate(date)}. These are the bytes that
        were mailed, but for the address and the links that manage the subscription.
      </p>
      <iframe
        title="The mail as HTML"
        src={`${here}/html`}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
      ></iframe>
      <section class="block">
        <h2>Text part</h2>
        <pre>{mail.text}</pre>
      </section>
    </OperatorSheet>
  );
}

export function NoMailPage({ id, date }: { id: number; date: string }) {
  return (
    <OperatorSheet title="No mail" section="subscribers">
      <h1>There is no mail of that day</h1>
      <p>
        Nothing was mailed to <a href={`/operators/subscribers/${id}`}>reader {id}</a> on {date}, or it is so
        old that it was let go.
      </p>
    </OperatorSheet>
  );
}

/** What is left of a reader who was erased: a number, and who erased it. */
export function ErasedPage({ id, actions }: { id: number; actions: readonly LoggedAction[] }) {
  return (
    <OperatorSheet title={`Reader ${id}`} section="subscribers">
      <h1>Reader {id} was erased</h1>
      <p>
        A keyed hash of the address stays, so that no import brings it back, and the ledgers still count its
        digests. Nothing else is left.
      </p>
      <section class="block">
        <ActionTable actions={actions} caption="What operators did" />
      </section>
    </OperatorSheet>
  );
}
