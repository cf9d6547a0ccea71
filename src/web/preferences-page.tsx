/** @jsxImportSource hono/jsx */
import type { Preview } from '../pipeline/preview.ts';
import type { Preferences } from '../pipeline/preferences.ts';
import type { Taste } from '../pipeline/taste.ts';
import { words } from '../words/words.ts';
import { TimeFields, TopicFields } from './choice-fields.tsx';
import type { Faults, TypedChoices } from './choices.ts';
import { DataSection, FeedSection, TasteSection } from './preferences-sections.tsx';
import { Sheet } from './sheet.tsx';
import type { TopicRates } from './topic-rates.ts';
import { longDate } from './wording.ts';
import { LookFields, WeightFields } from './weight-fields.tsx';
import { WhyNotForm } from './why-not-form.tsx';
import { WouldBe } from './would-be.tsx';

const said = words.preferences;

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
      title={said.title}
      day={said.for(preferences.maskedAddress)}
      feeds={[{ title: said.feedTitle, href: feedUrl }]}
      wide
      isForm
      foot={
        <p>
          {preferences.status !== 'unsubscribed' && <a href={unsubscribePath}>{said.unsubscribe}</a>}{' '}
          <a href="/">{words.site.todaysPapers}</a> <a href="/privacy">{words.site.whatWeKeep}</a>
        </p>
      }
    >
      <div class="pair">
        <div>
          <h1>{said.title}</h1>
          <StateNote {...props} path={path} />
          <form method="post" action={path} data-live>
            <TopicFields typed={typed} faults={faults} rates={props.rates} />
            <WeightFields typed={typed} faults={faults} rates={props.rates} />
            <TimeFields typed={typed} faults={faults} />
            <LookFields typed={typed} faults={faults} />
            <p class="act">
              <button>{said.save}</button>{' '}
              <button class="second" name="do" value="preview">
                {said.preview}
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

/** What happened to the last press, or what stands in the way of mail. */
function StateNote(props: PreferencesPageProps & { path: string }) {
  const { preferences, faults, notice, path } = props;
  if (Object.keys(faults).length > 0) {
    return (
      <div class="faults" role="alert">
        <p>{said.nothingSaved}</p>
      </div>
    );
  }
  return (
    <>
      <Standing preferences={preferences} path={path} />
      {notice && (
        <div class="note" role="status">
          <p>
            {said.notices[notice]} {notice === 'preview' && <a href="#next">{said.seeIt}</a>}
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
            {suppressed === 'complaint' ? said.complained : said.left}{' '}
            <button class="plain">{said.startAgain}</button>
          </p>
        </form>
      </div>
    );
  }
  if (suppressed) {
    return (
      <div class="note urgent">
        <p>{said.bounced}</p>
      </div>
    );
  }
  if (status !== 'unconfirmed') return null;
  return (
    <div class="note urgent">
      <p>{said.unconfirmed}</p>
    </div>
  );
}

/** The next digest in short, made by the code that will make it. */
function NextDigest(props: PreferencesPageProps & { path: string }) {
  const { preferences, notice, nextSentence, clockSentence } = props;
  const isComing = preferences.status === 'active' && !preferences.suppressed;
  return (
    <section class="next" aria-labelledby="next" aria-live="polite">
      <h2 id="next">{isComing ? said.next : said.wouldBe}</h2>
      {notice === 'preview' && <p class="small why">{said.unsaved}</p>}
      <p class="small">{nextSentence}</p>
      {isComing && clockSentence && <p class="small soft">{clockSentence}</p>}
      {preferences.snoozedUntil && notice !== 'preview' && (
        <p class="small">{said.nothingBefore(longDate(preferences.snoozedUntil))}</p>
      )}
      {preferences.wantedPapers.length > 0 && (
        <p class="small soft">{said.waiting(preferences.wantedPapers)}</p>
      )}
      <PreviewList {...props} />
    </section>
  );
}

function PreviewList({ preview, notice, path }: PreferencesPageProps & { path: string }) {
  if (!preview) return <p class="small soft">{said.cannotShow}</p>;
  if ('skipped' in preview) {
    return <p class="small soft">{said.nothingNew}</p>;
  }
  return (
    <>
      <p class="small soft">{said.fromNow}</p>
      <p class="subject">{preview.subject}</p>
      <WouldBe papers={preview.papers} />
      {notice !== 'preview' && (
        <p class="small act">
          <a href={`${path}/preview`}>{said.wholeMail}</a>
        </p>
      )}
      {notice !== 'preview' && <WhyNotForm path={path} />}
    </>
  );
}
