/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { explainAbsence, type PaperAbsence, type SeveralPapers } from '../pipeline/absence.ts';
import { clean } from '../render/clean.ts';
import { words } from '../words/words.ts';
import { paperPath, withQuery } from './paper-links.ts';
import { findReader } from './preferences.tsx';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { StaleLinkPage } from './stale-link.tsx';
import { askedCharactersMax, WhyNotForm } from './why-not-form.tsx';

const said = words.whyNot;

/** Answers why a paper is not in a reader's next digest. It only looks. */
export function whyNotRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/preferences/:token/why-not', async (c) => {
    const reader = await findReader(ctx, c.req.param('token'));
    const asked = (c.req.query('paper') ?? '').slice(0, askedCharactersMax).replaceAll('\0', '');
    const answer =
      reader && asked.trim() !== ''
        ? await explainAbsence(ctx, reader.preferences.subscriberId, asked)
        : undefined;
    if (!reader) return page(c, <StaleLinkPage />, 404);
    return page(c, <WhyNotPage path={`/preferences/${reader.token}`} asked={asked} answer={answer} />);
  });
  return routes;
}

interface WhyNotPageProps {
  path: string;
  asked: string;
  answer: PaperAbsence | SeveralPapers | 'unknown' | undefined;
}

function WhyNotPage({ path, asked, answer }: WhyNotPageProps) {
  return (
    <Sheet title={said.title} day={said.title} foot={<a href={path}>{said.back}</a>}>
      <h1>{said.title}</h1>
      {answer === 'unknown' && <p>{said.unknown}</p>}
      {typeof answer === 'object' && 'several' in answer && (
        <>
          <p>{said.several}</p>
          <ul class="plain-list">
            {answer.several.map(({ title, key }) => (
              <li>
                <a href={withQuery(`${path}/why-not`, { paper: key })}>{clean(title)}</a>{' '}
                <span class="soft">{key.replace(/^arxiv:/, '')}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {typeof answer === 'object' && 'because' in answer && (
        <>
          <p class="subject">
            <a href={paperPath(answer.key)}>{clean(answer.title)}</a>
          </p>
          <p>{sentence(answer)}</p>
        </>
      )}
      <WhyNotForm path={path} asked={asked} />
    </Sheet>
  );
}

function sentence(answer: PaperAbsence): string {
  const { because } = answer;
  if (because === 'comes') return said.comes(answer.place);
  if (because === 'behind') return said.behind(answer.place);
  if (because === 'twin') return said.twin(clean(answer.twinTitle));
  if (because === 'muted') return said.muted(answer.topic);
  return said[because];
}
