/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { type Preview, previewDigest } from '../pipeline/preview.ts';
import { type Preferences, readPreferences, savePreferences } from '../pipeline/preferences.ts';
import { resubscribe } from '../pipeline/subscription.ts';
import { checkTyped, type Faults, isCurated, readTyped, type TypedChoices } from './choices.ts';
import { readForm } from './form.ts';
import { mailPolicy } from './headers.ts';
import { pathFor } from './links.ts';
import { nextDigestSentence } from './next-digest.ts';
import { PreferencesPage } from './preferences-page.tsx';
import { previewContext } from './preview-context.ts';
import { page } from './respond.ts';
import { topicCounts } from './topic-rates.ts';
import { StaleLinkPage } from './stale-link.tsx';

/** What a reader follows, when and how much, with the next digest beside it as it will be. */
export function preferencesRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/preferences/:token', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const notice = c.req.query('saved') === undefined ? undefined : 'saved';
    return show(c, ctx, reader, { typed: typedOf(reader.preferences), faults: {}, notice });
  });

  routes.get('/preferences/:token/preview', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    const preview = reader && (await previewOf(ctx, reader));
    if (!preview || !('html' in preview)) return page(c, <StaleLinkPage />, 404);
    c.header('Content-Security-Policy', mailPolicy);
    return c.html(preview.html);
  });

  routes.post('/preferences/:token', async (c) => {
    const token = c.req.param('token');
    const reader = await findReader(ctx, token);
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const form = await readForm(c);
    if (form.text('do') === 'return') {
      await resubscribe(ctx, reader.claims);
      return c.redirect(`/preferences/${token}`, 303);
    }
    const typed = readTyped(form, typedOf(reader.preferences));
    const checked = checkTyped(typed);
    if ('faults' in checked) return show(c, ctx, reader, { typed, faults: checked.faults }, 422);
    const saved = await savePreferences(ctx, reader.claims, checked.choices);
    if ('faults' in saved) {
      return show(c, ctx, reader, { typed, faults: { phrases: saved.faults.join(' ') } }, 422);
    }
    return c.redirect(`/preferences/${token}?saved`, 303);
  });
  return routes;
}

interface Reader {
  token: string;
  claims: TokenClaims;
  preferences: Preferences;
}

interface Shown {
  typed: TypedChoices;
  faults: Faults;
  notice?: 'saved' | undefined;
}

async function findReader(ctx: Context, token: string): Promise<Reader | undefined> {
  const claims = readToken(ctx.config.keys, 'preferences', token);
  const preferences = claims && (await readPreferences(ctx, claims));
  return claims && preferences && { token, claims, preferences };
}

async function show(
  c: HttpContext,
  ctx: Context,
  reader: Reader,
  shown: Shown,
  status: 200 | 422 = 200,
): Promise<Response> {
  const { token, claims, preferences } = reader;
  const props = {
    ...shown,
    token,
    preferences,
    preview: await previewOf(ctx, reader),
    rates: await topicCounts(ctx),
    nextSentence: nextDigestSentence(preferences, ctx.now()),
    unsubscribePath: pathFor(ctx, 'unsubscribe', claims),
  };
  return page(c, <PreferencesPage {...props} />, status);
}

/** The page is worth showing even when its preview cannot be made. */
async function previewOf(ctx: Context, { preferences }: Reader): Promise<Preview> {
  try {
    return await previewDigest(previewContext(ctx), preferences.subscriberId);
  } catch (error) {
    ctx.log.error({ err: error, subscriber: preferences.subscriberId }, 'the preview failed');
    return undefined;
  }
}

/** Saved choices as the form shows them. A topic of one's own stands there in the words it was typed in. */
function typedOf(preferences: Preferences): TypedChoices {
  const { topics, timeZone, sendHour, weekdays, maxPapers } = preferences;
  const boxed = topics.filter(({ slug }) => slug !== null && isCurated(slug));
  return {
    slugs: boxed.map(({ slug }) => slug!),
    phrases: topics
      .filter((topic) => !boxed.includes(topic))
      .map(({ slug, name }) => slug ?? name)
      .join('\n'),
    timeZone,
    sendHour: String(sendHour),
    weekdays,
    maxPapers: String(maxPapers),
  };
}
