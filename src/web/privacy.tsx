/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';

export function privacyRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/privacy', (c) => page(c, <PrivacyPage postalAddress={ctx.config.mail.postalAddress} />));
  return routes;
}

function PrivacyPage({ postalAddress }: { postalAddress: string }) {
  return (
    <Words title="What we keep">
      <p>
        <b>We count nothing you read.</b> The mails have no tracking pixel and no counted links, the pages no
        script and no cookie for readers. One thing comes from elsewhere: Hugging Face serves the picture of
        the first paper, in mails and on pages.
      </p>
      <h2>While you are subscribed</h2>
      <p>
        Your address, when and on which form you asked for the digest, the topics, time and amount you chose,
        the papers you wanted more or less of, and for each digest which papers were in it and whether your
        mail server took it.
      </p>
      <h2>After you leave</h2>
      <p>
        The same, so that you can come back; no mail goes out. It is kept until you have it erased: reply to
        any digest and say so, and all of it goes. If your address bounced or you pressed “spam”, one keyed
        hash of it stays, from which nobody can read the address: that is how we keep from ever writing to it
        again.
      </p>
      <h2>Who else sees it</h2>
      <p>
        The service that carries the mail sees your address and the mail, as any mail server on the way does.
      </p>
      <p class="soft">{postalAddress}</p>
    </Words>
  );
}
