/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../context.ts';
import { arxivKey } from '../domain/arxiv-id.ts';
import { localDateAt } from '../domain/cadence.ts';
import type { Choices } from '../domain/choices.ts';
import { readToken, signToken, type TokenClaims } from '../domain/tokens.ts';
import { askForAccount } from '../pipeline/account.ts';
import { type Preview, previewDigest } from '../pipeline/preview.ts';
import { endFeeds, type Preferences, readPreferences, savePreferences } from '../pipeline/preferences.ts';
import { resubscribe } from '../pipeline/subscription.ts';
import { readTaste, resetTaste, saveTaste } from '../pipeline/taste.ts';
import { checkTyped, type Faults, readTyped, type TypedChoices } from './choices.ts';
import { type Form, readForm } from './form.ts';
import { openFormLimits } from './form-limits.ts';
import { mailPolicy } from './headers.ts';
import { pathFor } from './links.ts';
import { placeOf } from './named-topics.ts';
import { clockChangeSentence, nextDigestSentence } from './next-digest.ts';
import { type PageNotice, PreferencesPage } from './preferences-page.tsx';
import { previewContext } from './preview-context.ts';
import { mailPage, page } from './respond.ts';
import { StaleLinkPage } from './stale-link.tsx';
import { topicCounts } from './topic-rates.ts';

/** What a reader follows, when and how much, with the next digest beside it as it will be. */
export function preferencesRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const limits = openFormLimits(ctx);

  routes.get('/preferences/:token', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const notice = notices.find((one) => c.req.query(one) !== undefined);
    return show(c, ctx, reader, { typed: await typedOf(ctx, reader.preferences), faults: {}, notice });
  });

  routes.get('/preferences/:token/preview', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    const preview = reader && (await previewOf(ctx, reader));
    if (!preview || !('html' in preview)) return page(c, <StaleLinkPage />, 404);
    c.header('Content-Security-Policy', mailPolicy);
    return mailPage(c, preview);
  });

  routes.post('/preferences/:token', async (c) => {
    const token = c.req.param('token');
    const reader = await findReader(ctx, token);
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const form = await readForm(c);
    const done = await act(c, ctx, reader, form);
    if (done) return c.redirect(`/preferences/${token}${done === 'back' ? '' : `?${done}`}`, 303);
    const typed = readTyped(form, await typedOf(ctx, reader.preferences));
    const checked = checkTyped(typed, localDateAt(reader.preferences.timeZone, ctx.now()));
    if ('faults' in checked) return show(c, ctx, reader, { typed, faults: checked.faults }, 422);
    if (form.text('do') === 'preview') {
      return show(c, ctx, reader, { typed, faults: {}, notice: 'preview', unsaved: checked.choices });
    }
    const saved = await savePreferences(ctx, reader.claims, checked.choices);
    if ('faults' in saved) {
      return show(c, ctx, reader, { typed, faults: { phrases: saved.faults.join(' ') } }, 422);
    }
    return c.redirect(`/preferences/${token}?saved`, 303);
  });
  return routes;

  /** The buttons that are no choices; undefined for everything else. */
  async function act(
    c: HttpContext,
    ctx: Context,
    { claims }: Reader,
    form: Form,
  ): Promise<PageNotice | 'back' | undefined> {
    switch (form.text('do')) {
      case 'return':
        await resubscribe(ctx, claims);
        return 'back';
      case 'reset-taste':
        await resetTaste(ctx, claims);
        return 'taste';
      case 'forget-taste':
        await saveTaste(ctx, claims, form.text('paper'), 'none');
        return 'taste';
      case 'end-feeds':
        await endFeeds(ctx, claims);
        return 'feed';
      case 'account':
        if ((await limits.take(c)) === 'ok') await askForAccount(ctx, claims);
        return 'mailed';
      default:
        return undefined;
    }
  }
}

const notices = ['saved', 'taste', 'feed', 'mailed'] as const satisfies readonly PageNotice[];

interface Reader {
  token: string;
  claims: TokenClaims;
  preferences: Preferences;
}

interface Shown {
  typed: TypedChoices;
  faults: Faults;
  notice?: PageNotice | undefined;
  unsaved?: Choices;
}

/** Whose page this token opens; undefined for one that opens none. */
export async function findReader(ctx: Context, token: string): Promise<Reader | undefined> {
  const claims = readToken(ctx.config.keys, 'preferences', token);
  const preferences = claims && (await readPreferences(ctx, claims));
  return claims && preferences && { token, claims, preferences };
}

async function show(
  c: HttpContext,
  ctx: Context,
  reader: Reader,
  { unsaved, ...shown }: Shown,
  status: 200 | 422 = 200,
): Promise<Response> {
  const { token, claims, preferences } = reader;
  const preview = await previewOf(ctx, reader, unsaved);
  const timing = unsaved ?? preferences;
  const next =
    unsaved && preview && preferences.nextDueAt
      ? { nextDueAt: preview.at, nextLocalDate: preview.localDate, timeZone: unsaved.timeZone }
      : preferences;
  const { subscriberId, feedVersion } = preferences;
  const feed = signToken(ctx.config.keys[0], { purpose: 'feed', subscriberId, addressVersion: feedVersion });
  const props = {
    ...shown,
    token,
    preferences,
    preview,
    rates: await topicCounts(ctx),
    taste: await readTaste(ctx, subscriberId),
    nextSentence: nextDigestSentence(next, ctx.now()),
    clockSentence: clockChangeSentence(timing, ctx.now()),
    unsubscribePath: pathFor(ctx, 'unsubscribe', claims),
    feedUrl: `${ctx.config.publicUrl}/feed/${feed}`,
  };
  return page(c, <PreferencesPage {...props} />, status);
}

/** The page is worth showing even when its preview cannot be made. */
async function previewOf(ctx: Context, { preferences }: Reader, unsaved?: Choices): Promise<Preview> {
  try {
    return await previewDigest(previewContext(ctx), preferences.subscriberId, undefined, unsaved);
  } catch (error) {
    ctx.log.error({ err: error, subscriber: preferences.subscriberId }, 'the preview failed');
    return undefined;
  }
}

/** An arXiv identifier, as readers write it. */
function idOf(key: string): string {
  return key.slice(arxivKey('').length);
}

/** Saved choices as the form shows them. A topic of one's own stands there in the words it was typed in. */
async function typedOf(ctx: Context, preferences: Preferences): Promise<TypedChoices> {
  const offered = new Set((await topicCounts(ctx)).map(({ slug }) => slug));
  const { topics, muted, timeZone, sendHour, weekdays, maxPapers, layout, snoozedUntil } = preferences;
  const boxed = topics.filter(({ slug }) => slug !== null && offered.has(slug));
  const wordsOf = ({ slug, name }: { slug: string | null; name: string }) => slug ?? name;
  const placed = topics.filter((topic) => !boxed.includes(topic)).map((topic) => placeOf(wordsOf(topic)));
  const linesOf = (wanted: string) =>
    placed
      .filter(({ field }) => field === wanted)
      .map(({ line }) => line)
      .join('\n');
  return {
    slugs: boxed.map(({ slug }) => slug!),
    phrases: linesOf('phrases'),
    authors: linesOf('authors'),
    organizations: linesOf('organizations'),
    likes: [linesOf('likes'), ...preferences.wantedPapers.map(idOf)].filter(Boolean).join('\n'),
    timeZone,
    sendHour: String(sendHour),
    weekdays,
    maxPapers: String(maxPapers),
    more: topics.filter(({ isMore }) => isMore).map(wordsOf),
    muted: muted.map(({ name }) => name).join('\n'),
    layout,
    format: preferences.isTextOnly ? 'text' : 'html',
    emptyDays: preferences.emptyDays,
    snoozedUntil: snoozedUntil ?? '',
  };
}
