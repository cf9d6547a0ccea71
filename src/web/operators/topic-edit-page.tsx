/** @jsxImportSource hono/jsx */
import type { TopicFaults, WrittenTopic } from '../../domain/topic-form.ts';
import type { TopicPreview } from '../../pipeline/topic-preview.ts';
import { paperPath } from '../paper-links.ts';
import { count, shortDate } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

const base = '/operators/topics';

export interface TopicFormPageProps {
  /** Undefined for a new one. */
  topic?: { id: number; slug: string | null; name: string } | undefined;
  written: WrittenTopic;
  faults: TopicFaults;
  preview?: TopicPreview | undefined;
}

/** A topic's words to write, and what they would have matched. */
export function TopicFormPage({ topic, written, faults, preview }: TopicFormPageProps) {
  const title = topic ? `Change “${topic.name}”` : 'A new topic';
  return (
    <OperatorSheet title={title} section="topics">
      <h1>{title}</h1>
      {preview && <PreviewStory preview={preview} isNew={!topic} />}
      <form class="act" method="post" action={topic ? `${base}/${topic.id}/edit` : `${base}/new`}>
        <Field name="name" label="Name" faults={faults} hint="As readers see it, in forms and under papers.">
          <input id="name" name="name" type="text" required value={written.name} {...aria('name', faults)} />
        </Field>
        <Field name="description" label="What it is about" faults={faults} hint="One line, under the name.">
          <input
            id="description"
            name="description"
            type="text"
            value={written.description}
            {...aria('description', faults)}
          />
        </Field>
        <Field
          name="phrases"
          label="Phrases, one a line"
          faults={faults}
          hint="A paper that has one of them may belong to the topic, and more so with each. Endings and hyphens do not matter."
        >
          <textarea id="phrases" name="phrases" rows={12} required {...aria('phrases', faults)}>
            {written.phrases}
          </textarea>
        </Field>
        <p class="buttons">
          <button class={preview ? 'second' : undefined} name="do" value="preview">
            Show what it would match
          </button>
          <button class={preview ? undefined : 'second'} name="do" value="save">
            Save
          </button>
        </p>
      </form>
      {preview && preview.shown.length > 0 && <PreviewTable preview={preview} isNew={!topic} />}
    </OperatorSheet>
  );
}

function Field({
  name,
  label,
  faults,
  hint,
  children,
}: {
  name: keyof WrittenTopic;
  label: string;
  faults: TopicFaults;
  hint: string;
  children: unknown;
}) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {faults[name] && (
        <p class="fault" id={`${name}-fault`} role="alert">
          {faults[name]}
        </p>
      )}
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  );
}

function aria(name: keyof WrittenTopic, faults: TopicFaults) {
  if (!faults[name]) return { 'aria-describedby': `${name}-hint` };
  return { 'aria-invalid': 'true', 'aria-describedby': `${name}-fault ${name}-hint` };
}

function PreviewStory({ preview, isNew }: { preview: TopicPreview; isNew: boolean }) {
  const { days, papers, matches, fresh, gone } = preview;
  return (
    <p class="sentence" role="status">
      It would have matched {count(matches, 'paper')} of {papers.toLocaleString('en-US')} in {days} days
      {isNew ? '.' : `: ${fresh} more than now, and ${gone} that match now no longer.`} Nothing is saved yet.
    </p>
  );
}

function PreviewTable({ preview, isNew }: { preview: TopicPreview; isNew: boolean }) {
  const names = ['Listed', 'Paper', ...(isNew ? [] : ['Beside now']), 'By'];
  const columns = [...names.map((name) => ({ name, text: true })), { name: 'Relevance' }];
  return (
    <section class="block">
      <ScrollTable caption={`What it would match, ${preview.shown.length} shown`} columns={columns}>
        {preview.shown.map(({ key, title, listedOn, relevance, phrase, change }) => (
          <tr>
            <td class="text">{shortDate(listedOn)}</td>
            <td class="text wrap">
              <a href={paperPath(key)}>{title}</a>
            </td>
            {!isNew && <td class={change === 'gone' ? 'text red' : 'text'}>{changeWords[change]}</td>}
            <td class="text">{change === 'gone' ? '' : (phrase ?? 'likeness')}</td>
            <td>{change === 'gone' ? '' : relevance.toFixed(2)}</td>
          </tr>
        ))}
      </ScrollTable>
    </section>
  );
}

const changeWords = { new: 'new', same: 'as now', gone: 'no longer' } as const;
