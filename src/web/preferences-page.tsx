/** @jsxImportSource hono/jsx */
import type { Preview } from '../pipeline/preview.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import type { Taste } from '../pipeline/taste.ts';
import { TimeFields, TopicFields } from './choice-fields.tsx';
import type { Faults, TypedChoices } from './choices.ts';
import { DataSection, FeedSection, TasteSection } from './preferences-sections.tsx';
import { Sheet } from './sheet.tsx';
import type { TopicRates } from './topic-rates.ts';
import { longDate } from './wording.ts';
import { LookFields, WeightFields } from './weight-fields.tsx';
import { WouldBe } from './would-be.tsx';

/** What the last press did. */
export type PageNotice = 'saved' | 'preview' | 'taste' | 'feed' | 'mailed';

export interface PreferencesPageProps {
  token: string;
  preferences: Preferences;
  typed: TypedChoices;
  faults: Faults;
  notice?: PageNotice | undefined;
  preview: Preview;
  rates: TopicRates;
  taste: Taste;
  nextSentence: string | undefined;
  clockSentence: string | undefined;
  unsubscribePath: string;
  feedUrl: string;
}

export function PreferencesPage(props: PreferencesPageProps) {
  const { token, preferences, typed, faults, unsubscribePath, taste, feedUrl } = props;
  const path = `/preferences/${token}`;
  return (
    <Sheet
      title="Your topics and time"
      day={`For ${preferences.maskedAddress}`}
      feeds={[{ title: 'Your digests', href: feedUrl }]}
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
            <WeightFields typed={typed} faults={faults} />
            <TimeFields typed={typed} faults={faults} />
            <LookFields typed={typed} faults={faults} />
            <p class="act">
              <button>Save</button>{' '}
              <button class="second" name="do" value="preview">
                Preview
              </button>
            </p>
          </form>
        </div>
        <NextDigest {...props} path={path} />
        <div>
          <TasteSection path={path} taste={taste} />
          <FeedSection path={path} feedUrl={feedUrl} />
          <DataSection path={path} />
        </div>
      </div>
    </Sheet>
  );
}

const noticeWords: Record<PageNotice, string> = {
  saved: 'Saved.',
  preview: 'Not saved yet: this is what these choices would bring.',
  taste: 'Taken back. It counts from your next digest on.',
  feed: 'The old feed has ended. The new one is below.',
  mailed: 'A mail with a link to your data is on its way. The link works for a day.',
};

/** What happened to the last press, or what stands in the way of mail. */
function StateNote(props: PreferencesPageProps & { path: string }) {
  const { preferences, faults, notice, path } = props;
  if (Object.keys(faults).length > 0) {
    return (
      <div class="faults" role="alert">
        <p>Nothing was saved yet: something below needs another look.</p>
      </div>
    );
  }
  return (
    <>
      <Standing preferences={preferences} path={path} />
      {notice && (
        <div class="note" role="status">
          <p>
            {noticeWords[notice]} {notice === 'preview' && <a href="#next">See it</a>}
          </p>
        </div>
      )}
    </>
  );
}

/** Why no mail comes, where none does, and what can be done about it here. */
function Standing({ preferences, path }: { preferences: Preferences; path: string }) {
  const { status, suppressed } = preferences;
  if (status === 'unsubscribed' || suppressed === 'complaint') {
    return (
      <div class="note urgent">
        <form method="post" action={path}>
          <input type="hidden" name="do" value="return" />
          <p>
            {suppressed === 'complaint'
              ? 'A digest was marked as spam here, so none comes any more.'
              : 'You are unsubscribed; no digest comes.'}{' '}
            <button class="plain">Start again</button>
          </p>
        </form>
      </div>
    );
  }
  if (suppressed) {
    return (
      <div class="note urgent">
        <p>Your mail server sent our mails back, so none goes out to this address any more.</p>
      </div>
    );
  }
  if (status !== 'unconfirmed') return null;
  return (
    <div class="note urgent">
      <p>Nothing comes yet: please press the button in the confirmation mail.</p>
    </div>
  );
}

/** The next digest in short, made by the code that will make it. */
function NextDigest(props: PreferencesPageProps & { path: string }) {
  const { preferences, notice, nextSentence, clockSentence } = props;
  const isComing = preferences.status === 'active' && !preferences.suppressed;
  return (
    <section class="next" aria-labelledby="next">
      <h2 id="next">{isComing ? 'Your next digest' : 'What a digest would be'}</h2>
      {notice === 'preview' && <p class="small why">With the choices on this page, not saved yet.</p>}
      <p class="small">{nextSentence}</p>
      {isComing && clockSentence && <p class="small soft">{clockSentence}</p>}
      {preferences.snoozedUntil && notice !== 'preview' && (
        <p class="small">Nothing comes before {longDate(preferences.snoozedUntil)}.</p>
      )}
      <PreviewList {...props} />
    </section>
  );
}

function PreviewList({ preview, notice, path }: PreferencesPageProps & { path: string }) {
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
      <WouldBe papers={preview.papers} />
      {notice !== 'preview' && (
        <p class="small act">
          <a href={`${path}/preview`}>See the whole mail</a>
        </p>
      )}
    </>
  );
}
