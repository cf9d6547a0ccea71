/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { normaliseAddress } from '../domain/address.ts';
import type { Choices } from '../domain/choices.ts';
import type { PreviewedPaper } from '../pipeline/previewed-paper.ts';
import { subscribe } from '../pipeline/subscription.ts';
import { previewChoices } from '../pipeline/unsaved.ts';
import { checkTyped, type Faults, readTyped, untouched } from './choices.ts';
import { readForm, toForm } from './form.ts';
import { openFormLimits, type Verdict } from './form-limits.ts';
import { page } from './respond.ts';
import { Sheet, Words } from './sheet.tsx';
import { consentWords, SubscribeForm } from './subscribe-form.tsx';
import { topicCounts } from './topic-rates.ts';
import { count } from './wording.ts';
import { WouldBe } from './would-be.tsx';

/** Asking for a subscription. The answer is the same whoever asks, so that it tells nothing about anyone. */
export function subscribeRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const limits = openFormLimits(ctx);

  routes.get('/subscribe', async (c) => {
    const typed = readTyped(toForm(c.req.queries()), untouched);
    const rates = await topicCounts(ctx);
    return page(c, <FormPage title="Subscribe" typed={typed} address="" faults={{}} rates={rates} isOpen />);
  });

  routes.post('/subscribe', async (c) => {
    const form = await readForm(c);
    const given = form.text('email').trim();
    const typed = readTyped(form, untouched);
    const checked = checkTyped(typed);
    const faults: Faults = 'faults' in checked ? checked.faults : {};
    const isPreview = form.text('do') === 'preview';
    const address = normaliseAddress(given);
    if (address === undefined && !(isPreview && given === '')) faults.email = addressFault(given);
    const shown = { typed, address: given, rates: await topicCounts(ctx) };
    if ('faults' in checked || faults.email !== undefined) {
      return page(c, <FormPage title="Almost" {...shown} faults={faults} isOpen={isPreview} />, 422);
    }
    if (form.text('website') !== '') {
      return page(c, <LookPage address={given} hasInbox={false} papers={undefined} />);
    }
    const verdict = await limits.take(c, isPreview ? undefined : address);
    if (verdict === 'network' || verdict === 'installation')
      return page(c, <TooManyPage verdict={verdict} />, 429);
    const papers = await previewOf(ctx, checked.choices);
    if (isPreview || address === undefined) {
      return page(
        c,
        <FormPage title="What you would get" {...shown} faults={{}} isOpen>
          <WouldBe papers={papers ?? []} />
        </FormPage>,
      );
    }
    if (verdict === 'ok') {
      const consent = `form on ${ctx.config.publicUrl}, ${new Date().toISOString()}, by the words “${consentWords}”`;
      await subscribe(ctx, { ...checked.choices, address, consent });
    }
    return page(c, <LookPage address={given} hasInbox={ctx.inbox !== undefined} papers={papers} />);
  });
  return routes;
}

/** Nobody's subscription depends on a preview. */
async function previewOf(ctx: Context, choices: Choices): Promise<PreviewedPaper[] | undefined> {
  try {
    return await previewChoices(ctx, choices);
  } catch (error) {
    ctx.log.error({ err: error }, 'a preview of choices failed');
    return undefined;
  }
}

function addressFault(given: string): string {
  if (given === '') return 'Type the address that the papers should go to.';
  return 'This is not an address we can write to; it looks like you@university.edu.';
}

function FormPage({ title, ...form }: Parameters<typeof SubscribeForm>[0] & { title: string }) {
  const isFaulty = Object.keys(form.faults).length > 0;
  return (
    <Sheet title="Subscribe" isForm>
      <h1>{title}</h1>
      {isFaulty && <p>Something in the form needs another look. Everything you typed is still here.</p>}
      <SubscribeForm {...form} />
    </Sheet>
  );
}

interface LookPageProps {
  address: string;
  hasInbox: boolean;
  papers: readonly PreviewedPaper[] | undefined;
}

function LookPage({ address, hasInbox, papers }: LookPageProps) {
  return (
    <Words title="Look in your inbox">
      <p>
        A mail is on its way to <b>{address}</b>. Press its button and your digest begins, with the first one
        at once; until then nothing else comes.
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
      {papers && papers.length > 0 && (
        <section class="block" aria-labelledby="would-be">
          <h2 id="would-be">
            You would have got {papers.length === 1 ? 'this one' : `these ${papers.length}`} from the newest
            lists
          </h2>
          <WouldBe papers={papers} />
        </section>
      )}
    </Words>
  );
}

function TooManyPage({ verdict }: { verdict: Verdict }) {
  return (
    <Words title="Too many at once">
      <p>
        So many forms came {verdict === 'network' ? 'from your network' : 'at once'} that this one was set
        aside. Please try again in {count(10, 'minute')}.
      </p>
    </Words>
  );
}
