/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readPaperTitle } from '../db/listings.ts';
import { readToken, type TokenClaims } from '../domain/tokens.ts';
import { type Preferences, readPreferences } from '../pipeline/preferences.ts';
import { type PaperTopic, readPaperTopics, saveMute, saveTaste } from '../pipeline/taste.ts';
import { words } from '../words/words.ts';
import { type Form, readForm } from './form.ts';
import { pathFor } from './links.ts';
import { page } from './respond.ts';
import { Words } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';

const said = words.taste;

type Says = 'more' | 'less';

const bothWays: readonly Says[] = ['more', 'less'];

const keyCharactersMax = 400;

/**
 * "More like this", "Less" and "Mute": the link shows the paper and its buttons (both where it does not name one, as in
 * a mail's text part), a button acts, and what it did can be taken back.
 */
export function tasteRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/taste/:token', async (c) => {
    const token = c.req.param('token');
    const reader = await findReader(ctx, token);
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const says = c.req.query('say');
    const judged = await findJudged(ctx, c.req.query('paper') ?? '');
    if (!judged || (says !== undefined && says !== 'more' && says !== 'less'))
      return page(c, <NoPaperPage />, 404);
    const topics = await readPaperTopics(ctx, reader.preferences.subscriberId, judged.paper);
    return page(c, <AskPage token={token} {...judged} says={says} topics={topics} />);
  });

  routes.post('/taste/:token', async (c) => {
    const token = c.req.param('token');
    const reader = await findReader(ctx, token);
    if (!reader) return page(c, <StaleLinkPage />, 404);
    const form = await readForm(c);
    const says = form.text('say') || c.req.query('say');
    const judged = await findJudged(ctx, form.text('paper') || (c.req.query('paper') ?? ''));
    if (!judged) return page(c, <NoPaperPage />, 404);
    const shared = { token, ...judged, preferencesPath: pathFor(ctx, 'preferences', reader.claims) };
    if (says === 'mute' || says === 'unmute') {
      const change = readMute(form, says);
      const topic = change && (await saveMute(ctx, reader.claims, judged.paper, change));
      if (!topic) return page(c, <NoPaperPage />, 404);
      return says === 'mute'
        ? page(c, <MutedPage {...shared} topic={topic} />)
        : page(c, <UnmutedPage {...shared} topic={topic} />);
    }
    if (says !== 'more' && says !== 'less' && says !== 'none') return page(c, <NoPaperPage />, 404);
    if (!(await saveTaste(ctx, reader.claims, judged.paper, says))) return page(c, <StaleLinkPage />, 404);
    return says === 'none'
      ? page(c, <TakenBackPage {...judged} />)
      : page(c, <NotedPage {...shared} says={says} />);
  });
  return routes;
}

interface Judged {
  paper: string;
  title: string;
}

interface Reader {
  claims: TokenClaims;
  preferences: Preferences;
}

async function findReader(ctx: Context, token: string): Promise<Reader | undefined> {
  const claims = readToken(ctx.config.keys, 'taste', token);
  const preferences = claims && (await readPreferences(ctx, claims));
  return claims && preferences && { claims, preferences };
}

async function findJudged(ctx: Context, given: string): Promise<Judged | undefined> {
  const paper = given.replaceAll('\0', '');
  if (paper === '' || paper.length > keyCharactersMax) return undefined;
  const title = await readPaperTitle(ctx.db, paper);
  return title === undefined ? undefined : { paper, title };
}

/** Which topic, and the mode that it is to have; taking a mute back gives the mode it had before. */
function readMute(
  form: Form,
  says: 'mute' | 'unmute',
): { topicId: number; mode: PaperTopic['mode'] } | undefined {
  const topicId = /^[1-9]\d{0,8}$/.test(form.text('topic')) ? Number(form.text('topic')) : undefined;
  if (topicId === undefined) return undefined;
  if (says === 'mute') return { topicId, mode: 'mute' };
  const was = form.text('was');
  return { topicId, mode: was === 'follow' || was === 'more' ? was : null };
}

interface TasteFormProps {
  token: string;
  paper: string;
  say: string;
  topic?: PaperTopic | undefined;
  inline?: boolean;
  children: unknown;
}

function TasteForm({ token, paper, say, topic, inline, children }: TasteFormProps) {
  return (
    <form class={inline ? 'inline' : 'act'} method="post" action={`/taste/${token}`}>
      <input type="hidden" name="paper" value={paper} />
      <input type="hidden" name="say" value={say} />
      {topic && <input type="hidden" name="topic" value={String(topic.id)} />}
      {topic && <input type="hidden" name="was" value={topic.mode ?? 'none'} />}
      {children}
    </form>
  );
}

interface AskPageProps extends Judged {
  token: string;
  /** Which of the two was chosen in the mail, where one was. */
  says: Says | undefined;
  topics: readonly PaperTopic[];
}

function AskPage({ token, paper, title, says, topics }: AskPageProps) {
  const mutable = topics.filter(({ mode }) => mode !== 'mute');
  return (
    <Words title={title}>
      {(says ? [says] : bothWays).map((way) => (
        <>
          <p>{said[way]}</p>
          <TasteForm token={token} paper={paper} say={way}>
            <button class="large">{said.buttons[way]}</button>
          </TasteForm>
        </>
      ))}
      {says !== 'more' && mutable.length > 0 && (
        <section class="block" aria-labelledby="mute">
          <h2 id="mute">{said.orNothing}</h2>
          <p class="small soft">{said.orNothingHint}</p>
          <div class="buttons">
            {mutable.map((topic) => (
              <TasteForm token={token} paper={paper} say="mute" topic={topic} inline>
                <button class="second">{said.mute(topic.name)}</button>
              </TasteForm>
            ))}
          </div>
        </section>
      )}
    </Words>
  );
}

interface DoneProps extends Judged {
  token: string;
  preferencesPath: string;
}

function NotedPage({ token, paper, title, says, preferencesPath }: DoneProps & { says: Says }) {
  return (
    <Words title={said.noted[says]}>
      <p>
        {said.notedFor(<b>{title}</b>, (text) => (
          <a href={preferencesPath}>{text}</a>
        ))}
      </p>
      <TasteForm token={token} paper={paper} say="none">
        <button class="plain">{said.takeBack}</button>
      </TasteForm>
    </Words>
  );
}

function MutedPage({ token, paper, topic, preferencesPath }: DoneProps & { topic: PaperTopic }) {
  return (
    <Words title={said.muted(topic.name)}>
      <p>
        {said.mutedNow((text) => (
          <a href={preferencesPath}>{text}</a>
        ))}
      </p>
      <TasteForm token={token} paper={paper} say="unmute" topic={topic}>
        <button class="plain">{said.takeBack}</button>
      </TasteForm>
    </Words>
  );
}

function UnmutedPage({ topic, preferencesPath }: DoneProps & { topic: PaperTopic }) {
  return (
    <Words title={said.takenBack}>
      <p>
        {said.asBefore(<b>{topic.name}</b>, (text) => (
          <a href={preferencesPath}>{text}</a>
        ))}
      </p>
    </Words>
  );
}

function TakenBackPage({ title }: Judged) {
  return (
    <Words title={said.takenBack}>
      <p>{said.noLonger(<b>{title}</b>)}</p>
    </Words>
  );
}

function NoPaperPage() {
  return (
    <Words title={said.whichPaper}>
      <p>{said.noPaper}</p>
    </Words>
  );
}
