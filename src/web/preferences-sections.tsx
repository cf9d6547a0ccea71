/** @jsxImportSource hono/jsx */
import type { Taste } from '../pipeline/taste.ts';
import { clean } from '../render/clean.ts';
import { paperPath } from './paper-links.ts';

/** What a reader said of papers, what that did, and the ways to take it back. */
export function TasteSection({ path, taste }: { path: string; taste: Taste }) {
  return (
    <section class="block" aria-labelledby="taste">
      <h2 id="taste">What you said of papers</h2>
      <p class="small soft">
        Each “More like this” makes the topics of that paper count a tenth more, each “Less” a tenth less;
        never beyond half or one and a half. A paper you wanted less of does not come at all.
      </p>
      {taste.papers.length === 0 && (
        <p class="small">Nothing yet. The links are under each paper of a digest.</p>
      )}
      {taste.topics.length > 0 && (
        <p class="small">
          Now {taste.topics.map(({ name, weight }) => `${name} × ${weight.toFixed(1)}`).join(', ')}.
        </p>
      )}
      {taste.papers.length > 0 && (
        <>
          <ul class="plain-list judged">
            {taste.papers.map(({ key, title, says }) => (
              <li>
                <form method="post" action={path}>
                  <input type="hidden" name="paper" value={key} />
                  <span class="why">{says === 'more' ? 'More' : 'Less'}</span>{' '}
                  <a href={paperPath(key)}>{clean(title)}</a>{' '}
                  <button class="plain" name="do" value="forget-taste">
                    take back<span class="aside-from-view"> what you said of {clean(title)}</span>
                  </button>
                </form>
              </li>
            ))}
          </ul>
          <form method="post" action={path}>
            <button class="plain small" name="do" value="reset-taste">
              Forget all of it
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
      <h2 id="feed">Your digests as a feed</h2>
      <p class="small">
        <a href={feedUrl}>This address</a> is for your feed program (Atom). Whoever has it can read your
        digests, and do nothing else.
      </p>
      <form method="post" action={path}>
        <button class="plain small" name="do" value="end-feeds">
          End it and make a new one
        </button>
      </form>
    </section>
  );
}

/** What needs a fresh link: this page's own may stand in a mail that was passed on. */
export function DataSection({ path }: { path: string }) {
  return (
    <section class="block" aria-labelledby="data">
      <h2 id="data">Your address and your data</h2>
      <p class="small">
        To change your address, take everything we keep of you with you, or have it erased, we mail you a link
        of its own: this page’s may stand in a mail that you passed on.
      </p>
      <form method="post" action={path}>
        <button class="second" name="do" value="account">
          Mail me that link
        </button>
      </form>
    </section>
  );
}
