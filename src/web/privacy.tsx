/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { undoDaysMax } from '../pipeline/return.ts';
import { unconfirmedDaysMax } from '../pipeline/sweep.ts';
import { words } from '../words/words.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';

const said = words.privacy;

export function privacyRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/privacy', (c) => page(c, <PrivacyPage postalAddress={ctx.config.mail.postalAddress} />));
  return routes;
}

/** Each line of what is kept is held by a test or by a constant that stands here. */
const kept = said.rows({ unconfirmed: unconfirmedDaysMax });

function PrivacyPage({ postalAddress }: { postalAddress: string }) {
  return (
    <Words title={said.title}>
      <p>
        <b>{said.nothing}</b>
        {said.how}
      </p>
      <div class="scroll" tabindex={0}>
        <table class="kept">
          <caption>{said.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{said.what}</th>
              <th scope="col">{said.kept}</th>
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
      <h2>{said.canDo}</h2>
      <p>{said.canDoWhat(undoDaysMax)}</p>
      <h2>{said.whoElse}</h2>
      <p>{said.whoElseSees}</p>
      <p class="soft">{postalAddress}</p>
    </Words>
  );
}
