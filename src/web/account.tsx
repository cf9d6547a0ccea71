/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { accountDaysMax, askToMove, move, readMove } from '../pipeline/account.ts';
import { isExpired } from '../pipeline/claimed.ts';
import { eraseSubscriber } from '../pipeline/erase.ts';
import { type Preferences, readPreferences } from '../pipeline/preferences.ts';
import { exportSubscriber } from '../pipeline/subscriber-record.ts';
import { words } from '../words/words.ts';
import { AddressField } from './choice-fields.tsx';
import { readForm } from './form.ts';
import { openFormLimits } from './form-limits.ts';
import { pathFor } from './links.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

const said = words.account;

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
        if ((await limits.take(c)) !== 'ok')
          return page(c, <AccountPage {...reader} fault={said.tooMany} />, 429);
        const asked = await askToMove(ctx, reader.claims, given);
        if (asked === 'asked') return page(c, <AskedPage address={given} />);
        return page(c, <AccountPage {...reader} typed={given} fault={said.noAddress} />, 422);
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
    <Words title={said.title}>
      <section class="block" aria-labelledby="take">
        <h2 id="take">{said.take}</h2>
        <p>{said.everything(<b>{preferences.maskedAddress}</b>)}</p>
        <form method="post" action={path}>
          <button class="second" name="do" value="export">
            {said.download}
          </button>
        </form>
      </section>
      <section class="block" aria-labelledby="move">
        <h2 id="move">{said.move}</h2>
        <form method="post" action={path}>
          <input type="hidden" name="do" value="move" />
          <div class="line">
            <AddressField value={typed} fault={fault} label={said.newAddress} />
            <button>{said.ask}</button>
          </div>
        </form>
      </section>
      <section class="block" aria-labelledby="erase">
        <h2 id="erase">{said.erase}</h2>
        <p>{said.eraseWhat}</p>
        <form method="post" action={path}>
          <button class="second" name="do" value="erase">
            {said.eraseButton}
          </button>
        </form>
      </section>
    </Words>
  );
}

function SurePage({ token }: { token: string }) {
  return (
    <Words title={said.sure}>
      <p>{said.noUndo}</p>
      <form class="act" method="post" action={`/account/${token}`}>
        <input type="hidden" name="sure" value="yes" />
        <button class="large" name="do" value="erase">
          {said.yes}
        </button>
      </form>
      <p>
        <a href={`/account/${token}`}>{said.no}</a>
      </p>
    </Words>
  );
}

function ErasedPage() {
  return (
    <Words title={said.erased}>
      <p>{said.farewell}</p>
    </Words>
  );
}

function WaitPage({ token }: { token: string }) {
  return (
    <Words title={said.wait}>
      <p>
        {said.inFlight((text) => (
          <a href={`/account/${token}`}>{text}</a>
        ))}
      </p>
    </Words>
  );
}

function AskedPage({ address }: { address: string }) {
  return (
    <Words title={said.asked}>
      <p>{said.askedOther(<b>{address}</b>)}</p>
    </Words>
  );
}

function MovePage({ token, maskedAddress }: { token: string; maskedAddress: string }) {
  return (
    <Words title={said.useThis}>
      <p>{said.fromNowOn(<b>{maskedAddress}</b>)}</p>
      <form class="act" method="post" action={`/move/${token}`}>
        <button class="large">{said.useButton}</button>
      </form>
    </Words>
  );
}

function MovedPage({ maskedAddress, preferencesPath }: { maskedAddress: string; preferencesPath: string }) {
  return (
    <Words title={said.moved}>
      <p>{said.goesTo(<b>{maskedAddress}</b>)}</p>
      <p>
        <a href={preferencesPath}>{said.preferences}</a>
      </p>
    </Words>
  );
}
