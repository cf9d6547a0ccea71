/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { normaliseAddress } from '../domain/address.ts';
import type { Choices } from '../domain/choices.ts';
import { spokenTopic } from '../domain/topic-notation.ts';
import type { PreviewedPaper } from '../pipeline/previewed-paper.ts';
import { subscribe } from '../pipeline/subscription.ts';
import { type PreviewedChoices, previewChoices } from '../pipeline/unsaved.ts';
import { words } from '../words/words.ts';
import { checkTyped, type Faults, readTyped, untouched } from './choices.ts';
import { readForm, toForm } from './form.ts';
import { openFormLimits, type Verdict } from './form-limits.ts';
import { page } from './respond.ts';
import { Sheet, Words } from './sheet.tsx';
import { SubscribeForm } from './subscribe-form.tsx';
import { topicCounts } from './topic-rates.ts';
import { WouldBe } from './would-be.tsx';

const said = words.subscribe;

/** Asking for a subscription. The answer is the same whoever asks, so that it tells nothing about anyone. */
export function subscribeRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const limits = openFormLimits(ctx);

  routes.get('/subscribe', async (c) => {
    const typed = readTyped(toForm(c.req.queries()), untouched);
    const rates = await topicCounts(ctx);
    return page(c, <FormPage title={said.title} typed={typed} address="" faults={{}} rates={rates} isOpen />);
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
      return page(c, <FormPage title={said.almost} {...shown} faults={faults} isOpen={isPreview} />, 422);
    }
    if (form.text('website') !== '') {
      return page(c, <LookPage address={given} hasInbox={false} papers={undefined} />);
    }
    const verdict = await limits.take(c, isPreview ? undefined : address);
    if (verdict === 'network' || verdict === 'installation')
      return page(c, <TooManyPage verdict={verdict} />, 429);
    const preview = await previewOf(ctx, checked.choices);
    if (isPreview || address === undefined) {
      return page(
        c,
        <FormPage title={said.wouldGet} {...shown} faults={{}} isOpen>
          <WouldBe papers={preview?.papers ?? []} />
          <Amounts amounts={preview?.amounts ?? []} />
        </FormPage>,
      );
    }
    if (verdict === 'ok') {
      const consent = `form on ${ctx.config.publicUrl}, ${new Date().toISOString()}, by the words “${said.consent}”`;
      await subscribe(ctx, { ...checked.choices, address, consent });
    }
    return page(c, <LookPage address={given} hasInbox={ctx.inbox !== undefined} papers={preview?.papers} />);
  });
  return routes;
}

/** Nobody's subscription depends on a preview. */
async function previewOf(ctx: Context, choices: Choices): Promise<PreviewedChoices | undefined> {
  try {
    return await previewChoices(ctx, choices);
  } catch (error) {
    ctx.log.error({ err: error }, 'a preview of choices failed');
    return undefined;
  }
}

function addressFault(given: string): string {
  const { noAddressTyped, noAddress } = words.choices.faults;
  return given === '' ? noAddressTyped : noAddress;
}

function FormPage({ title, ...form }: Parameters<typeof SubscribeForm>[0] & { title: string }) {
  const isFaulty = Object.keys(form.faults).length > 0;
  return (
    <Sheet title={said.title} isForm>
      <h1>{title}</h1>
      {isFaulty && <p>{said.anotherLook}</p>}
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
    <Words title={said.look}>
      <p>{said.onItsWay(<b>{address}</b>)}</p>
      <p class="soft">
        {said.nothingThere((text) => (
          <a href="/">{text}</a>
        ))}
      </p>
      {hasInbox && (
        <div class="note">
          <p>
            {said.localMail((text) => (
              <a href="/mailbox">{text}</a>
            ))}
          </p>
        </div>
      )}
      {papers && papers.length > 0 && (
        <section class="block" aria-labelledby="would-be">
          <h2 id="would-be">{said.wouldHaveGot(papers.length)}</h2>
          <WouldBe papers={papers} />
        </section>
      )}
    </Words>
  );
}

function TooManyPage({ verdict }: { verdict: Verdict }) {
  return (
    <Words title={said.tooMany}>
      <p>{said.tooManyForms(verdict === 'network')}</p>
    </Words>
  );
}

/** How much each choice brings, where there is one. */
function Amounts({ amounts }: Pick<PreviewedChoices, 'amounts'>) {
  if (amounts.length === 0) return null;
  const named = amounts.map(({ name, papersADay }) => ({ name: spokenTopic(name), papersADay }));
  return <p class="hint">{said.amounts(named)}</p>;
}
