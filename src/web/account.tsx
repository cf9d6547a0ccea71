/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { accountDaysMax, askToMove, move, readMove } from '../pipeline/account.ts';
import { isExpired } from '../pipeline/claimed.ts';
import { eraseSubscriber } from '../pipeline/erase.ts';
import { type Preferences, readPreferences } from '../pipeline/preferences.ts';
import { exportSubscriber } from '../pipeline/subscriber-record.ts';
import { AddressField } from './choice-fields.tsx';
import { readForm } from './form.ts';
import { openFormLimits } from './form-limits.ts';
import { pathFor } from './links.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

/**
 * One's address and data, behind a link that was just mailed for it: take it along, move to another address, be erased. A
 * new address is asked first, by a mail of its own.
 */
export function accountRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const limits = openFormLimits(ctx);

  routes.get('/account/:token', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    if (!reader) return page(c, <StaleLinkPage />, 404);
    return page(c, <AccountPage {...reader} />);
  });

  routes.post('/account/:token', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const form = await readForm(c);
    switch (form.text('do')) {
      case 'export':
        return download(c, await exportSubscriber(ctx, reader.preferences.address));
      case 'erase':
        return erase(c, ctx, reader, form.text('sure') === 'yes');
      case 'move': {
        const given = form.text('email').trim();
        if ((await limits.take(c)) !== 'ok') return page(c, <AccountPage {...reader} fault={tooMany} />, 429);
        const asked = await askToMove(ctx, reader.claims, given);
        if (asked === 'asked') return page(c, <AskedPage address={given} />);
        return page(c, <AccountPage {...reader} typed={given} fault={noAddress} />, 422);
      }
      default:
        return page(c, <AccountPage {...reader} />);
    }
  });

  routes.get('/move/:token', async (c) => {
    const found = await readMove(ctx, c.req.param('token'));
    if (!found) return page(c, <StaleLinkPage />, 404);
    return page(c, <MovePage token={c.req.param('token')} maskedAddress={found.maskedAddress} />);
  });

  routes.post('/move/:token', async (c) => {
    const claims = await move(ctx, c.req.param('token'));
    const preferences = claims && (await readPreferences(ctx, claims));
    if (!claims || !preferences) return page(c, <StaleLinkPage />, 404);
    return page(
      c,
      <MovedPage
        maskedAddress={preferences.maskedAddress}
        preferencesPath={pathFor(ctx, 'preferences', claims)}
      />,
    );
  });
  return routes;
}

interface Reader {
  token: string;
  claims: TokenClaims;
  preferences: Preferences;
}

const noAddress = 'This is not an address we can write to; it looks like you@university.edu.';
const tooMany =
  'So many forms came from your network that this one was set aside. Please try again in ten minutes.';

async function findReader(ctx: Context, token: string): Promise<Reader | undefined> {
  const claims = readToken(ctx.config.keys, 'account', token);
  if (!claims || isExpired(claims, accountDaysMax)) return undefined;
  const preferences = await readPreferences(ctx, claims);
  return preferences && { token, claims, preferences };
}

function download(c: HttpContext, record: Record<string, unknown> | undefined): Response {
  c.header('Content-Disposition', 'attachment; filename="broadsheet.json"');
  return c.body(JSON.stringify(record ?? {}, null, 2), 200, { 'Content-Type': 'application/json' });
}

async function erase(c: HttpContext, ctx: Context, reader: Reader, isSure: boolean): Promise<Response> {
  if (!isSure) return page(c, <SurePage token={reader.token} />);
  try {
    await eraseSubscriber(ctx, reader.preferences.address, 'reader');
    return page(c, <ErasedPage />);
  } catch (error) {
    ctx.log.warn({ err: error, subscriber: reader.preferences.subscriberId }, 'an erasure must wait');
    return page(c, <WaitPage token={reader.token} />, 503);
  }
}

interface AccountPageProps extends Reader {
  typed?: string;
  fault?: string;
}

function AccountPage({ token, preferences, typed = '', fault }: AccountPageProps) {
  const path = `/account/${token}`;
  return (
    <Words title="Your address and your data">
      <section class="block" aria-labelledby="take">
        <h2 id="take">Take it with you</h2>
        <p>
          Everything we keep of <b>{preferences.maskedAddress}</b>, as one JSON file.
        </p>
        <form method="post" action={path}>
          <button class="second" name="do" value="export">
            Download
          </button>
        </form>
      </section>
      <section class="block" aria-labelledby="move">
        <h2 id="move">Move to another address</h2>
        <form method="post" action={path}>
          <input type="hidden" name="do" value="move" />
          <div class="line">
            <AddressField value={typed} fault={fault} label="The new address; we ask it first" />
            <button>Ask it</button>
          </div>
        </form>
      </section>
      <section class="block" aria-labelledby="erase">
        <h2 id="erase">Be erased</h2>
        <p>
          Your address, topics, tastes and digests go for good. One keyed hash of the address stays, from
          which nobody can read it: that is how we keep from ever writing to it again.
        </p>
        <form method="post" action={path}>
          <button class="second" name="do" value="erase">
            Erase everything …
          </button>
        </form>
      </section>
    </Words>
  );
}

function SurePage({ token }: { token: string }) {
  return (
    <Words title="Erase everything?">
      <p>It cannot be undone, and this address cannot subscribe again.</p>
      <form class="act" method="post" action={`/account/${token}`}>
        <input type="hidden" name="sure" value="yes" />
        <button class="large" name="do" value="erase">
          Yes, erase everything
        </button>
      </form>
      <p>
        <a href={`/account/${token}`}>No, go back</a>
      </p>
    </Words>
  );
}

function ErasedPage() {
  return (
    <Words title="Everything is erased">
      <p>Nothing is left but the keyed hash that keeps mail from you. Farewell, and thank you for reading.</p>
    </Words>
  );
}

function WaitPage({ token }: { token: string }) {
  return (
    <Words title="In a minute, please">
      <p>
        A mail to you is just being handed over, and its record must stay until that has an answer. Nothing
        was erased yet. <a href={`/account/${token}`}>Try again in a minute.</a>
      </p>
    </Words>
  );
}

function AskedPage({ address }: { address: string }) {
  return (
    <Words title="Look in the other inbox">
      <p>
        A mail is on its way to <b>{address}</b>. Press its button within a week, and your digest goes there
        from then on; until then nothing changes.
      </p>
    </Words>
  );
}

function MovePage({ token, maskedAddress }: { token: string; maskedAddress: string }) {
  return (
    <Words title="Use this address?">
      <p>
        From now on the digest goes to <b>{maskedAddress}</b>, with topics and time as they are.
      </p>
      <form class="act" method="post" action={`/move/${token}`}>
        <button class="large">Use this address</button>
      </form>
    </Words>
  );
}

function MovedPage({ maskedAddress, preferencesPath }: { maskedAddress: string; preferencesPath: string }) {
  return (
    <Words title="Your digest has moved">
      <p>
        It goes to <b>{maskedAddress}</b> now. Links in older mails have ended, but for those that
        unsubscribe.
      </p>
      <p>
        <a href={preferencesPath}>Your topics and time</a>
      </p>
    </Words>
  );
}
