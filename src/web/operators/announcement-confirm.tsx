/** @jsxImportSource hono/jsx */
import { count } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';

const base = '/operators/announcements';

export interface ConfirmPageProps {
  id: number;
  subject: string;
  topics: readonly { slug: string | null; name: string }[];
  /** The chosen topic's slug; empty is everybody. */
  to: string;
  topicName: string | undefined;
  audience: number;
  fault: string | undefined;
}

/** Who gets it, counted; and the number typed, so that nobody mails everybody by a slip. */
export function ConfirmPage(props: ConfirmPageProps) {
  const { id, subject, topics, to, topicName, audience, fault } = props;
  const here = `${base}/${id}`;
  return (
    <OperatorSheet title="Who gets it" section="announcements">
      <h1>Who gets “{subject}”?</h1>
      <form class="act" method="get" action={`${here}/send`}>
        <div class="line">
          <div class="field">
            <label for="to">Readers</label>
            <select id="to" name="to">
              <option value="">All confirmed readers</option>
              {topics.map(({ slug, name }) => (
                <option value={slug ?? ''} selected={slug === to}>
                  Those who follow {name}
                </option>
              ))}
            </select>
          </div>
          <button class="second">Count</button>
        </div>
      </form>
      <p class="sentence">
        {count(audience, 'reader')}
        {topicName ? ` ${audience === 1 ? 'follows' : 'follow'} ${topicName}.` : ' in all.'}
      </p>
      {audience > 0 && (
        <form class="act" method="post" action={`${here}/send`}>
          <input type="hidden" name="to" value={to} />
          <div class="field">
            <label for="count">Type {audience.toLocaleString('en-US')} to mail it to them</label>
            <input
              id="count"
              name="count"
              type="text"
              inputmode="numeric"
              class="narrow-field"
              required
              autocomplete="off"
              {...(fault && { 'aria-invalid': 'true', 'aria-describedby': 'count-fault' })}
            />
            {fault && (
              <p class="fault" id="count-fault" role="alert">
                {fault}
              </p>
            )}
            <p class="hint">
              It cannot be taken back, only stopped. Suppressed addresses get none, and nobody gets the same
              text twice.
            </p>
          </div>
          <button>Start mailing</button>
        </form>
      )}
      <p>
        <a href={here}>Back to the draft</a>
      </p>
    </OperatorSheet>
  );
}
