/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { type Preferences, readPreferences } from '../pipeline/preferences.ts';
import { undoDaysMax } from '../pipeline/return.ts';
import { resubscribe, unsubscribe } from '../pipeline/subscription.ts';
import { words } from '../words/words.ts';
import { type Form, readForm } from './form.ts';
import { nextDigestSentence } from './next-digest.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

const said = words.unsubscribe;

/**
 * Leaving. Mail programs POST here by themselves (RFC 8058): they get a short 200, whoever the token names, without
 * redirect or cookie. A person who follows the link sees one button, because scanners open links too.
 */
export function unsubscribeRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/unsubscribe/:token', async (c) => {
    const token = c.req.param('token');
    const claims = readToken(ctx.config.keys, 'unsubscribe', token);
    if (!claims) return page(c, <StaleLinkPage />, 404);
    const preferences = await readPreferences(ctx, claims);
    if (!preferences || preferences.status === 'unsubscribed') {
      return page(c, <LeftPage token={token} canReturn={preferences?.canReturn ?? false} />);
    }
    return page(c, <AskPage token={token} address={preferences.maskedAddress} />);
  });

  routes.post('/unsubscribe/:token', async (c) => {
    const token = c.req.param('token');
    const claims = readToken(ctx.config.keys, 'unsubscribe', token);
    const wish = wishOf(await readForm(c).catch(() => undefined));
    if (wish === 'return') return claims ? giveBack(c, ctx, claims) : page(c, <StaleLinkPage />, 404);
    if (claims) await unsubscribe(ctx, claims.subscriberId);
    if (wish === 'leave by program') return c.text('Unsubscribed.\n');
    if (!claims) return page(c, <StaleLinkPage />, 404);
    return page(c, <LeftPage token={token} canReturn />);
  });
  return routes;
}

/** Only our own two buttons ask for a page; everything else that is posted here means one thing. */
function wishOf(form: Form | undefined): 'leave' | 'return' | 'leave by program' {
  if (form?.text('List-Unsubscribe') === 'One-Click') return 'leave by program';
  if (form?.text('do') === 'leave') return 'leave';
  return form?.text('do') === 'return' ? 'return' : 'leave by program';
}

async function giveBack(c: HttpContext, ctx: Context, claims: TokenClaims): Promise<Response> {
  await resubscribe(ctx, claims);
  const preferences = await readPreferences(ctx, claims);
  if (preferences?.status !== 'active') return page(c, <CannotReturnPage />);
  return page(
    c,
    <BackPage preferences={preferences} sentence={nextDigestSentence(preferences, ctx.now())} />,
  );
}

function AskPage({ token, address }: { token: string; address: string }) {
  return (
    <Words title={said.title}>
      <p>{said.noMore(<b>{address}</b>)}</p>
      <form class="act" method="post" action={`/unsubscribe/${token}`}>
        <input type="hidden" name="do" value="leave" />
        <button class="large">{said.button}</button>
      </form>
      <p class="soft small">{said.orChange}</p>
    </Words>
  );
}

function LeftPage({ token, canReturn }: { token: string; canReturn: boolean }) {
  return (
    <Words title={said.done}>
      <p>{said.thanks}</p>
      {canReturn && (
        <form method="post" action={`/unsubscribe/${token}`}>
          <input type="hidden" name="do" value="return" />
          <p>
            {said.slip(
              (text) => (
                <button class="plain">{text}</button>
              ),
              undoDaysMax,
            )}
          </p>
        </form>
      )}
    </Words>
  );
}

function BackPage({ preferences, sentence }: { preferences: Preferences; sentence: string | undefined }) {
  return (
    <Words title={said.back}>
      <p>{said.asItWas(<b>{preferences.maskedAddress}</b>, sentence ?? '')}</p>
    </Words>
  );
}

function CannotReturnPage() {
  return (
    <Words title={said.anew}>
      <p>
        {said.cannotReturn((text) => (
          <a href="/">{text}</a>
        ))}
      </p>
    </Words>
  );
}
