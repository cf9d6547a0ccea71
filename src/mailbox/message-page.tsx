/** @jsxImportSource hono/jsx */
import type { MailboxMessage } from '../db/mailbox-messages.ts';
import type { Outcome } from './outcome.ts';
import { EventNote, Sheet } from './sheet.tsx';
import { kilobytes, moment, outcomeWords, saidLine } from './wording.ts';

export interface MessagePageProps {
  message: MailboxMessage;
  /** What the last press of a button did. */
  said: { outcome: Outcome; answer: string } | undefined;
  isNarrow: boolean;
}

const buttons: readonly Outcome[] = ['delivered', 'hard', 'soft', 'policy', 'content', 'complaint'];

/** One mail as it came, and the buttons that decide what becomes of it. */
export function MessagePage({ message, said, isNarrow }: MessagePageProps) {
  const here = `/mailbox/${message.id}`;
  return (
    <Sheet title={`${message.subject} · Mailbox`}>
      <h1>{message.subject || '(no subject)'}</h1>
      <dl>
        <dt>To</dt>
        <dd>{message.to}</dd>
        <dt>From</dt>
        <dd>{message.from}</dd>
        <dt>Accepted</dt>
        <dd>
          <time datetime={message.at.toISOString()}>{moment(message.at)}</time> UTC
          <EventNote lastEvent={message.lastEvent} before=" · " />
        </dd>
        <dt>Size</dt>
        <dd>{sizes(message)}</dd>
      </dl>
      {said && (
        <p class="said" role="status">
          {saidLine(said.outcome, said.answer)}
        </p>
      )}
      <div class="says">
        <p>What becomes of it? Each is reported as a signed webhook, as Resend would.</p>
        <form method="post" action={here}>
          {buttons.map((outcome) => (
            <button name="outcome" value={outcome} title={`Reports ${outcomeWords[outcome].says}`}>
              {outcomeWords[outcome].button}
            </button>
          ))}
        </form>
      </div>
      <h2 id="html">The mail</h2>
      <p class="count">
        {isNarrow ? (
          <a href={`${here}#html`}>Full width</a>
        ) : (
          <a href={`${here}?width=phone#html`}>Phone width</a>
        )}{' '}
        · <a href={`${here}/html`}>on its own</a>
      </p>
      {message.html ? (
        <iframe
          class={isNarrow ? 'frame phone' : 'frame'}
          title="The mail as HTML"
          src={`${here}/html`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
        ></iframe>
      ) : (
        <p class="none">It has no HTML part.</p>
      )}
      <h2>Text part</h2>
      {message.text ? (
        <pre>{message.text}</pre>
      ) : (
        <p class="count">None; Resend would make one from the HTML.</p>
      )}
      <h2>Headers</h2>
      <Pairs pairs={message.headers} />
      <h2>Tags</h2>
      <Pairs pairs={message.tags} />
    </Sheet>
  );
}

function Pairs({ pairs }: { pairs: Record<string, string> }) {
  const entries = Object.entries(pairs);
  if (entries.length === 0) return <p class="count">None.</p>;
  return (
    <dl class="head">
      {entries.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function sizes(message: MailboxMessage): string {
  const htmlBytes = Buffer.byteLength(message.html);
  const clip = htmlBytes > clipBytes ? ' (Gmail clips it at 102 KB)' : '';
  return `HTML ${kilobytes(htmlBytes)}${clip}, text ${kilobytes(Buffer.byteLength(message.text))}`;
}

const clipBytes = 102 * 1_024;
