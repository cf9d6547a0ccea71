/** @jsxImportSource hono/jsx */
import type { WholeTopic } from '../../db/operator-topics.ts';
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

export interface EndPageProps {
  topic: WholeTopic;
  others: readonly { id: number; name: string }[];
  counts: { followers: number; alone: number; muted: number };
  /** Whether the data file has a word on it that an operator overruled. */
  isOfFile: boolean;
  fault: string | undefined;
}

/** The ends a topic can come to, and what each means for its readers. */
export function EndPage({ topic, others, counts, isOfFile, fault }: EndPageProps) {
  const here = `${base}/${topic.id}`;
  return (
    <OperatorSheet title={topic.name} section="topics">
      <h1>{topic.name}</h1>
      {fault && (
        <div class="faults" role="alert">
          <p>{fault}</p>
        </div>
      )}
      <p class="sentence">
        {count(counts.followers, 'reader')} {counts.followers === 1 ? 'follows' : 'follow'} it
        {counts.alone > 0 && `, ${counts.alone.toLocaleString('en-US')} of them nothing else`}
        {counts.muted > 0 && `; ${counts.muted.toLocaleString('en-US')} mute it`}.
      </p>
      <section class="block">
        <h2>Merge it into another</h2>
        <form class="act" method="post" action={`${here}/merge`}>
          <div class="line">
            <div class="field">
              <label for="into">Its readers then follow</label>
              <select id="into" name="into">
                {others.map(({ id, name }) => (
                  <option value={String(id)}>{name}</option>
                ))}
              </select>
            </div>
            <button>Merge</button>
          </div>
          {topic.kind === 'phrase' && (
            <label class="tick">
              <input type="checkbox" name="phrases" value="1" />
              That topic takes its phrases as well
            </label>
          )}
          <p class="hint">
            Follows and mutes move; who follows or mutes the other already keeps that. Who asks for this one
            by its name gets the other. It cannot be taken apart again.
          </p>
        </form>
      </section>
      {topic.slug && <Retire topic={topic} alone={counts.alone} />}
      {isOfFile && (
        <section class="block">
          <h2>Give it back to the data file</h2>
          <form class="act" method="post" action={`${here}/file`}>
            <button class="second">Take the file’s words</button>
            <p class="hint">An operator’s words are forgotten, and the next upgrade may change it again.</p>
          </form>
        </section>
      )}
      <p>
        <a href={here}>Back to the topic</a>
      </p>
    </OperatorSheet>
  );
}

function Retire({ topic, alone }: { topic: WholeTopic; alone: number }) {
  const verb = topic.retiredAt ? 'restore' : 'retire';
  return (
    <section class="block">
      <h2>{topic.retiredAt ? 'Bring it back' : 'Retire it'}</h2>
      <form class="act" method="post" action={`${base}/${topic.id}/${verb}`}>
        <button class="second">{topic.retiredAt ? 'Bring it back' : 'Retire it'}</button>
        <p class="hint">
          {topic.retiredAt
            ? 'New papers match it again, and readers can choose it.'
            : 'Nobody can choose it any more, and no new paper matches it. Its readers keep it on their list.'}
          {!topic.retiredAt &&
            alone > 0 &&
            ` ${count(alone, 'reader')} would get no more papers: merge it instead.`}
        </p>
      </form>
    </section>
  );
}
