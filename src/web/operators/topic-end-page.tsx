/** @jsxImportSource hono/jsx */
import type { WholeTopic } from '../../db/operator-topics.ts';
import { count } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';

const base = '/operators/topics';

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
