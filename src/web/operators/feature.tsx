/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { setEditorNote } from '../../db/featured-papers.ts';
import { type OperatorPaper, readOperatorPaper } from '../../db/operator-papers.ts';
import { isDate } from '../../domain/calendar.ts';
import { featuredLift } from '../../domain/appeal.ts';
import { editorNoteCharactersMax } from '../../render/card.ts';
import { clean, lengthOf } from '../../render/clean.ts';
import { readForm } from '../form.ts';
import { paperPath, withQuery } from '../paper-links.ts';
import { page } from '../respond.ts';
import { OperatorSheet } from './operator-sheet.tsx';

const path = '/operators/papers/feature';

/** Where a paper is featured; `day` is the list to go back to. */
export function featurePath(key: string, day?: string): string {
  return withQuery(path, { key, day });
}

/** An editor's word on a paper: written, changed, and taken back. */
export function featureRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get(path, async (c) => {
    const paper = await readOperatorPaper(ctx.db, c.req.query('key') ?? '');
    if (!paper) return c.notFound();
    const day = c.req.query('day') ?? '';
    return page(c, <FeaturePage paper={paper} note={paper.editorNote} day={day} />);
  });

  routes.post(path, async (c) => {
    const form = await readForm(c);
    const paper = await readOperatorPaper(ctx.db, form.text('key'));
    if (!paper) return c.notFound();
    const day = form.text('day');
    const note = form.text('do') === 'end' ? '' : clean(form.text('note'));
    const fault = form.text('do') === 'end' ? undefined : faultOf(note);
    if (fault) return page(c, <FeaturePage {...{ paper, day, fault }} note={form.text('note')} />, 422);
    if (await setEditorNote(ctx.db, paper.key, note, 'operator')) {
      ctx.log.info({ paper: paper.key }, 'an operator changed what is featured');
    }
    return c.redirect(isDate(day) ? `/operators/papers/${day}` : '/operators/papers', 303);
  });
  return routes;
}

function faultOf(note: string): string | undefined {
  if (note === '') return 'Say in a sentence why readers should look at it.';
  const length = lengthOf(note);
  if (length <= editorNoteCharactersMax) return undefined;
  return `At most ${editorNoteCharactersMax} characters, please; these are ${length}.`;
}

interface FeaturePageProps {
  paper: OperatorPaper;
  note: string;
  day: string;
  fault?: string;
}

function FeaturePage({ paper, note, day, fault }: FeaturePageProps) {
  return (
    <OperatorSheet title="Feature a paper" section="papers">
      <h1>{paper.title}</h1>
      <p class="soft">
        {paper.topics.length > 0 ? paper.topics.join(', ') : 'No topic that can be chosen by name'} ·{' '}
        <a href={paperPath(paper.key)}>its page</a>
      </p>
      <form class="act" method="post" action={path}>
        <input type="hidden" name="key" value={paper.key} />
        <input type="hidden" name="day" value={day} />
        <div class="field">
          <label for="note">The editor’s note</label>
          <textarea
            id="note"
            name="note"
            rows={3}
            class="low"
            aria-describedby={fault ? 'note-fault note-hint' : 'note-hint'}
            {...(fault && { 'aria-invalid': 'true' })}
          >
            {note}
          </textarea>
          {fault && (
            <p class="fault" id="note-fault" role="alert">
              {fault}
            </p>
          )}
          <p class="hint" id="note-hint">
            It stands on the paper’s page and with the paper in every digest made from now on. Its score
            counts {featuredLift} times, so it overtakes what is nearly as good; it comes to nobody whose
            topics it does not match.
          </p>
        </div>
        <p class="buttons">
          <button>{paper.editorNote ? 'Change the note' : 'Feature it'}</button>
          {paper.editorNote && (
            <button class="second" name="do" value="end">
              Feature it no longer
            </button>
          )}
        </p>
      </form>
      <p>
        <a href={isDate(day) ? `/operators/papers/${day}` : '/operators/papers'}>Back to the papers</a>
      </p>
    </OperatorSheet>
  );
}
