/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readPaperTitle } from '../db/listings.ts';
import { readToken } from '../domain/tokens.ts';
import { readPreferences } from '../pipeline/preferences.ts';
import { saveTaste } from '../pipeline/taste.ts';
import { readForm } from './form.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

type Says = 'more' | 'less';

const keyCharactersMax = 400;

/** "More like this" and "Less": the link shows the paper and one button, the button acts, and can be taken back. */
export function tasteRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/taste/:token', async (c) => {
    const token = c.req.param('token');
    const claims = readToken(ctx.config.keys, 'taste', token);
    if (!claims || !(await readPreferences(ctx, claims))) return page(c, <StaleLinkPage />, 404);
    const says = c.req.query('say');
    const judged = await findJudged(ctx, c.req.query('paper') ?? '');
    if (!judged || (says !== 'more' && says !== 'less')) return page(c, <NoPaperPage />, 404);
    return page(c, <AskPage token={token} {...judged} says={says} />);
  });

  routes.post('/taste/:token', async (c) => {
    const token = c.req.param('token');
    const claims = readToken(ctx.config.keys, 'taste', token);
    if (!claims) return page(c, <StaleLinkPage />, 404);
    const form = await readForm(c);
    const says = form.text('say') || c.req.query('say');
    const judged = await findJudged(ctx, form.text('paper') || (c.req.query('paper') ?? ''));
    if (!judged || (says !== 'more' && says !== 'less' && says !== 'none'))
      return page(c, <NoPaperPage />, 404);
    if (!(await saveTaste(ctx, claims, judged.paper, says))) return page(c, <StaleLinkPage />, 404);
    return says === 'none'
      ? page(c, <TakenBackPage {...judged} />)
      : page(c, <NotedPage token={token} {...judged} says={says} />);
  });
  return routes;
}

interface Judged {
  paper: string;
  title: string;
}

async function findJudged(ctx: Context, given: string): Promise<Judged | undefined> {
  const paper = given.replaceAll('\0', '');
  if (paper === '' || paper.length > keyCharactersMax) return undefined;
  const title = await readPaperTitle(ctx.db, paper);
  return title === undefined ? undefined : { paper, title };
}

function TasteForm({
  token,
  paper,
  say,
  children,
}: {
  token: string;
  paper: string;
  say: string;
  children: unknown;
}) {
  return (
    <form class="act" method="post" action={`/taste/${token}`}>
      <input type="hidden" name="paper" value={paper} />
      <input type="hidden" name="say" value={say} />
      {children}
    </form>
  );
}

function AskPage({ token, paper, title, says }: Judged & { token: string; says: Says }) {
  return (
    <Words title={title}>
      <p>
        {says === 'more'
          ? 'Papers like this one will come more often.'
          : 'Papers like this one will come less often, and this one not again.'}
      </p>
      <TasteForm token={token} paper={paper} say={says}>
        <button class="large">{says === 'more' ? 'More like this' : 'Less like this'}</button>
      </TasteForm>
    </Words>
  );
}

function NotedPage({ token, paper, title, says }: Judged & { token: string; says: Says }) {
  return (
    <Words title={says === 'more' ? 'More of these will come' : 'Fewer of these will come'}>
      <p>
        Noted for <b>{title}</b>. It counts from your next digest on.
      </p>
      <TasteForm token={token} paper={paper} say="none">
        <button class="plain">Take it back</button>
      </TasteForm>
    </Words>
  );
}

function TakenBackPage({ title }: Judged) {
  return (
    <Words title="Taken back">
      <p>
        What you said of <b>{title}</b> no longer counts.
      </p>
    </Words>
  );
}

function NoPaperPage() {
  return (
    <Words title="Which paper?">
      <p>This link names no paper that we know; it may have been cut off. The one in your digest works.</p>
    </Words>
  );
}
