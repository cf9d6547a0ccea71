/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { undoDaysMax } from '../pipeline/return.ts';
import { unconfirmedDaysMax } from '../pipeline/sweep.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';

export function privacyRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/privacy', (c) => page(c, <PrivacyPage postalAddress={ctx.config.mail.postalAddress} />));
  return routes;
}

/** What is kept, and until when. Each line is held by a test or by a constant that stands here. */
const kept: [string, string][] = [
  ['An address that never confirmed', `${unconfirmedDaysMax} days after the last mail that asked it to`],
  [
    'Your address, topics, time, amount and consent (when, on which form, by which words)',
    'until you have them erased, also after you leave, so that you can come back',
  ],
  ['Papers you wanted more or less of, topics you muted', 'until you take it back, reset it or are erased'],
  ['Each digest: its papers, and whether your mail server took it', 'until you are erased'],
  ['What your mail server said of a mail that came back', 'until you are erased'],
  ['How many forms came from a network or for an address, as keyed hashes', 'at most a day'],
  ['An address that bounced, complained or was erased', 'as a keyed hash, for good'],
];

function PrivacyPage({ postalAddress }: { postalAddress: string }) {
  return (
    <Words title="What we keep">
      <p>
        <b>We count nothing you read.</b> The mails have no tracking pixel and no counted links. The pages set
        no cookie for readers; one small script chooses your time zone in the form, and works on your machine
        only. Pictures of papers come from us as well: nobody else learns that you looked.
      </p>
      <div class="scroll" tabindex={0}>
        <table class="kept">
          <caption>What, and for how long</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kept</th>
            </tr>
          </thead>
          <tbody>
            {kept.map(([what, until]) => (
              <tr>
                <td>{what}</td>
                <td>{until}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>What you can do</h2>
      <p>
        From the link in any digest you change what comes, leave at once, and undo that for {undoDaysMax}{' '}
        days. For a copy of everything we keep, another address, or to be erased, the same page mails you a
        link that nobody else has.
      </p>
      <h2>Who else sees it</h2>
      <p>
        The service that carries the mail sees your address and the mail, as any mail server on the way does.
        Nobody else does, and nothing is sold.
      </p>
      <p class="soft">{postalAddress}</p>
    </Words>
  );
}
