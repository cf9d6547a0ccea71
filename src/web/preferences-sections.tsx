/** @jsxImportSource hono/jsx */
import type { Taste } from '../pipeline/taste.ts';
import { clean } from '../render/clean.ts';
import { words } from '../words/words.ts';
import { paperPath } from './paper-links.ts';

const { taste: taught, feed, data } = words.preferences;

/** What a reader said of papers, what that did, and the ways to take it back. */
export function TasteSection({ path, taste }: { path: string; taste: Taste }) {
  return (
    <section class="block" aria-labelledby="taste">
      <h2 id="taste">{taught.title}</h2>
      <p class="small soft">{taught.rule}</p>
      {taste.papers.length === 0 && <p class="small">{taught.nothing}</p>}
      {taste.topics.length > 0 && <p class="small">{taught.now(taste.topics)}</p>}
      {taste.papers.length > 0 && (
        <>
          <ul class="plain-list judged">
            {taste.papers.map(({ key, title, says }) => (
              <li>
                <form method="post" action={path}>
                  <input type="hidden" name="paper" value={key} />
                  <span class="why">{taught.says[says]}</span> <a href={paperPath(key)}>{clean(title)}</a>{' '}
                  <button class="plain" name="do" value="forget-taste">
                    {taught.takeBack}
                    <span class="aside-from-view">{taught.ofPaper(clean(title))}</span>
                  </button>
                </form>
              </li>
            ))}
          </ul>
          <form method="post" action={path}>
            <button class="plain small" name="do" value="reset-taste">
              {taught.forget}
            </button>
          </form>
        </>
      )}
    </section>
  );
}

/** The reader's own feed, for those who read with a feed program. */
export function FeedSection({ path, feedUrl }: { path: string; feedUrl: string }) {
  return (
    <section class="block" aria-labelledby="feed">
      <h2 id="feed">{feed.title}</h2>
      <p class="small">
        {feed.address((text) => (
          <a href={feedUrl}>{text}</a>
        ))}
      </p>
      <form method="post" action={path}>
        <button class="plain small" name="do" value="end-feeds">
          {feed.renew}
        </button>
      </form>
    </section>
  );
}

/** What needs a fresh link: this page's own may stand in a mail that was passed on. */
export function DataSection({ path }: { path: string }) {
  return (
    <section class="block" aria-labelledby="data">
      <h2 id="data">{data.title}</h2>
      <p class="small">{data.why}</p>
      <form method="post" action={path}>
        <button class="second" name="do" value="account">
          {data.button}
        </button>
      </form>
    </section>
  );
}
