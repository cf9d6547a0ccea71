/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { hasFreshWelcome } from '../db/recent-digests.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { type Preferences, readPreferences } from '../pipeline/preferences.ts';
import { isExpired } from '../pipeline/claimed.ts';
import { confirm, confirmDaysMax } from '../pipeline/subscription.ts';
import { slotLineOf } from '../render/lines.ts';
import { words } from '../words/words.ts';
import { pathFor } from './links.ts';
import { nextDigestSentence } from './next-digest.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

const said = words.confirm;

/** The second half of double opt-in: the mail's link shows one large button, and only the button confirms. */
export function confirmRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/confirm/:token', async (c) => {
    const claims = readToken(ctx.config.keys, 'confirm', c.req.param('token'));
    const preferences =
      claims && !isExpired(claims, confirmDaysMax) ? await readPreferences(ctx, claims) : undefined;
    if (!claims || !preferences) return page(c, <StaleLinkPage />, 404);
    if (preferences.status === 'active')
      return page(c, <StartedPage {...await started(ctx, claims, preferences)} />);
    return page(c, <AskPage token={c.req.param('token')} preferences={preferences} />);
  });

  routes.post('/confirm/:token', async (c) => {
    const claims = readToken(ctx.config.keys, 'confirm', c.req.param('token'));
    if (!claims || (await confirm(ctx, claims)) === 'gone') return page(c, <StaleLinkPage />, 404);
    const preferences = await readPreferences(ctx, claims);
    if (!preferences) return page(c, <StaleLinkPage />, 404);
    return page(c, <StartedPage {...await started(ctx, claims, preferences)} />);
  });
  return routes;
}

interface StartedProps {
  preferences: Preferences;
  preferencesPath: string;
  sentence: string | undefined;
  bringsPapers: boolean;
}

async function started(ctx: Context, claims: TokenClaims, preferences: Preferences): Promise<StartedProps> {
  return {
    bringsPapers: await hasFreshWelcome(ctx.db, preferences.subscriberId),
    preferences,
    preferencesPath: pathFor(ctx, 'preferences', claims),
    sentence: nextDigestSentence(preferences, ctx.now()),
  };
}

function AskPage({ token, preferences }: { token: string; preferences: Preferences }) {
  return (
    <Words title={said.title}>
      <p>{said.willSend(<b>{preferences.maskedAddress}</b>, slotLineOf(preferences))}</p>
      <form class="act" method="post" action={`/confirm/${token}`}>
        <button class="large">{said.button}</button>
      </form>
      <p class="soft small">{said.notYou}</p>
    </Words>
  );
}

function StartedPage({ preferences, preferencesPath, sentence, bringsPapers }: StartedProps) {
  return (
    <Words title={said.done}>
      <p>
        {said[bringsPapers ? 'firstPapers' : 'welcome'](
          <b>{preferences.maskedAddress}</b>,
          sentence ?? said.digestComes(slotLineOf(preferences)),
        )}
      </p>
      <p>
        <a href={preferencesPath}>{said.choose}</a>
      </p>
    </Words>
  );
}
