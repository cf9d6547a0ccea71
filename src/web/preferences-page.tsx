/** @jsxImportSource hono/jsx */
import type { Preview } from '../pipeline/preview.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import { TimeFields, TopicFields } from './choice-fields.tsx';
import type { Faults, TypedChoices } from './choices.ts';
import { Sheet } from './sheet.tsx';
import type { TopicRates } from './topic-rates.ts';
import { longDate } from './wording.ts';

export interface PreferencesPageProps {
  token: string;
  preferences: Preferences;
  typed: TypedChoices;
  faults: Faults;
  notice?: 'saved' | undefined;
  preview: Preview;
  rates: TopicRates;
  nextSentence: string | undefined;
  unsubscribePath: string;
}

export function PreferencesPage(props: PreferencesPageProps) {
  const { token, preferences, typed, faults, unsubscribePath } = props;
  const path = `/preferences/${token}`;
  return (
    <Sheet
      title="Your topics and time"
      day={`For ${preferences.maskedAddress}`}
      wide
      foot={
        <p>
          {preferences.status !== 'unsubscribed' && <a href={unsubscribePath}>Unsubscribe</a>}{' '}
          <a href="/">Today’s papers</a> <a href="/privacy">What we keep</a>
        </p>
      }
    >
      <div class="pair">
        <div>
          <h1>Your topics and time</h1>
          <StateNote {...props} path={path} />
          <form method="post" action={path}>
            <TopicFields typed={typed} faults={faults} rates={props.rates} />
            <TimeFields typed={typed} faults={faults} />
            <p class="act">
              <button>Save</button>
            </p>
          </form>
        </div>
        <NextDigest {...props} path={path} />
      </div>
    </Sheet>
  );
}

/** What happened to the last press, or what stands in the way of mail. */
function StateNote({ preferences, faults, notice, path }: PreferencesPageProps & { path: string }) {
  if (Object.keys(faults).length > 0) {
    return (
      <div class="faults" role="alert">
        <p>Nothing was saved yet: something below needs another look.</p>
      </div>
    );
  }
  if (preferences.status === 'unsubscribed') {
    return (
      <div class="note urgent">
        <form method="post" action={path}>
          <input type="hidden" name="do" value="return" />
          <p>
            You are unsubscribed; no digest comes. <button class="plain">Start again</button>
          </p>
        </form>
      </div>
    );
  }
  return (
    <>
      {preferences.status === 'unconfirmed' && (
        <div class="note urgent">
          <p>Nothing comes yet: please press the button in the confirmation mail.</p>
        </div>
      )}
      {notice === 'saved' && (
        <div class="note" role="status">
          <p>Saved.</p>
        </div>
      )}
    </>
  );
}

/** The next digest in short, made by the code that will make it. */
function NextDigest({ preview, preferences, nextSentence, path }: PreferencesPageProps & { path: string }) {
  return (
    <section class="next" aria-labelledby="next">
      <h2 id="next">{preferences.status === 'active' ? 'Your next digest' : 'What a digest would be'}</h2>
      <p class="small">{nextSentence}</p>
      {preferences.snoozedUntil && <p class="small">Snoozed until {longDate(preferences.snoozedUntil)}.</p>}
      <PreviewList preview={preview} path={path} />
    </section>
  );
}

function PreviewList({ preview, path }: { preview: Preview; path: string }) {
  if (!preview) return <p class="small soft">It cannot be shown at the moment.</p>;
  if ('skipped' in preview) {
    return (
      <p class="small soft">
        No paper known so far matches that you have not had. On a day without any, no mail comes. More topics,
        or wider ones, would change that.
      </p>
    );
  }
  return (
    <>
      <p class="small soft">From the papers known now; newer ones may change it.</p>
      <p class="subject">{preview.subject}</p>
      <ol>
        {preview.papers.map((paper) => (
          <li>
            <p class="why">{sentence(paper.why)}</p>
            <p class="title">{paper.title}</p>
          </li>
        ))}
      </ol>
      <p class="small act">
        <a href={`${path}/preview`}>See the whole mail</a>
      </p>
    </>
  );
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
