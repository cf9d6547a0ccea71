/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { normaliseAddress } from '../domain/address.ts';
import { subscribe } from '../pipeline/subscription.ts';
import { checkTyped, type Faults, readTyped, untouched } from './choices.ts';
import { readForm, toForm } from './form.ts';
import { openLimiter } from './limiter.ts';
import { page, peerOf } from './respond.ts';
import { Sheet, Words } from './sheet.tsx';
import { topicCounts } from './topic-rates.ts';
import { SubscribeForm } from './subscribe-form.tsx';

/** Forms that one network may send; the notices have caps of their own behind it (RULES 15). */
const formsMax = 60;
const formsWindowMs = 10 * 60_000;

/** Asking for a subscription. The answer is the same whoever asks, so that it tells nothing about anyone. */
export function subscribeRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const limiter = openLimiter({ max: formsMax, windowMs: formsWindowMs });

  routes.get('/subscribe', async (c) => {
    const typed = readTyped(toForm(c.req.queries()), untouched);
    return page(
      c,
      <FormPage
        title="Subscribe"
        typed={typed}
        address=""
        faults={{}}
        rates={await topicCounts(ctx)}
        isOpen
      />,
    );
  });

  routes.post('/subscribe', async (c) => {
    const form = await readForm(c);
    const given = form.text('email').trim();
    const typed = readTyped(form, untouched);
    const checked = checkTyped(typed);
    const faults: Faults = 'faults' in checked ? checked.faults : {};
    const address = normaliseAddress(given);
    if (address === undefined) faults.email = addressFault(given);
    if ('faults' in checked || address === undefined) {
      return page(
        c,
        <FormPage
          title="Almost"
          address={given}
          typed={typed}
          faults={faults}
          rates={await topicCounts(ctx)}
        />,
        422,
      );
    }
    if (form.text('website') !== '') return page(c, <LookPage address={given} hasInbox={false} />);
    if (!limiter.take(peerOf(c) ?? 'unknown')) return page(c, <TooManyPage />, 429);
    const consent = `form on ${ctx.config.publicUrl}, ${new Date().toISOString()}`;
    await subscribe(ctx, { ...checked.choices, address, consent });
    return page(c, <LookPage address={given} hasInbox={ctx.inbox !== undefined} />);
  });
  return routes;
}

function addressFault(given: string): string {
  if (given === '') return 'Type the address that the papers should go to.';
  return 'This is not an address we can write to; it looks like you@university.edu.';
}

function FormPage({ title, ...form }: Parameters<typeof SubscribeForm>[0] & { title: string }) {
  const isFaulty = Object.keys(form.faults).length > 0;
  return (
    <Sheet title="Subscribe">
      <h1>{title}</h1>
      {isFaulty && <p>Something in the form needs another look. Everything you typed is still here.</p>}
      <SubscribeForm {...form} />
    </Sheet>
  );
}

function LookPage({ address, hasInbox }: { address: string; hasInbox: boolean }) {
  return (
    <Words title="Look in your inbox">
      <p>
        A mail is on its way to <b>{address}</b>. Press its button and your digest begins; until then nothing
        else comes.
      </p>
      <p class="soft">
        Nothing there after a few minutes? Look among the spam, or see whether the address above is right and{' '}
        <a href="/">ask once more</a>.
      </p>
      {hasInbox && (
        <div class="note">
          <p>
            This copy keeps all mail on this machine: <a href="/mailbox">open the mailbox</a>.
          </p>
        </div>
      )}
    </Words>
  );
}

function TooManyPage() {
  return (
    <Words title="Too many at once">
      <p>
        So many forms came from your network that this one was set aside. Please try again in ten minutes.
      </p>
    </Words>
  );
}
