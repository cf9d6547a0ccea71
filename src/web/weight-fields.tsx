/** @jsxImportSource hono/jsx */
import { curatedTopics } from '../domain/topic.ts';
import type { ChoiceFieldsProps } from './choice-fields.tsx';
import { splitTopics } from './choices.ts';
import { described, Fault } from './field.tsx';

/** What one wants more of, and what never: for readers who have topics already. */
export function WeightFields({ typed, faults }: ChoiceFieldsProps) {
  const topics = [...typed.slugs, ...splitTopics(typed.phrases)];
  return (
    <>
      {topics.length > 0 && (
        <fieldset>
          <legend>More of these than of the others</legend>
          <input type="hidden" name="more_shown" value="1" />
          <div class="choices">
            {topics.map((topic) => (
              <label>
                <input type="checkbox" name="more" value={topic} checked={typed.more.includes(topic)} />
                <span>{curatedTopics.find(({ slug }) => slug === topic)?.name ?? topic}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <div class="field">
        <label for="muted">Never, one topic a line</label>
        <textarea
          id="muted"
          name="muted"
          rows={2}
          maxlength={8000}
          class="low"
          {...described('muted', faults, true)}
        >
          {typed.muted}
        </textarea>
        <Fault of="muted" faults={faults} />
        <p class="hint" id="muted-hint">
          A paper that matches one of these does not come, whatever else it matches.
        </p>
      </div>
    </>
  );
}

/** How a digest looks, and when it rests. */
export function LookFields({ typed, faults }: ChoiceFieldsProps) {
  return (
    <>
      <Either field="layout" label="Each paper with" chosen={typed.layout} faults={faults} ways={layouts} />
      <Either field="format" label="As" chosen={typed.format} faults={faults} ways={formats} />
      <Either
        field="empty_days"
        label="A day without papers brings"
        chosen={typed.emptyDays}
        faults={faults}
        ways={emptyDays}
      />
      <div class="field">
        <label for="snoozed_until">Nothing before this day</label>
        <input
          id="snoozed_until"
          name="snoozed_until"
          type="date"
          class="narrow-field"
          value={typed.snoozedUntil}
          {...described('snoozed_until', faults, true)}
        />
        <Fault of="snoozed_until" faults={faults} />
        <p class="hint" id="snoozed_until-hint">
          For a holiday. The first digest after it is the best of the last two weeks. Empty: no break.
        </p>
      </div>
    </>
  );
}

const layouts = [
  ['abstracts', 'its first sentences'],
  ['titles', 'its title alone'],
] as const;
const formats = [
  ['html', 'a set page, with a picture'],
  ['text', 'plain text'],
] as const;
const emptyDays = [
  ['silence', 'no mail'],
  ['note', 'a note that says so'],
] as const;

interface EitherProps {
  field: 'layout' | 'format' | 'empty_days';
  label: string;
  chosen: string;
  faults: ChoiceFieldsProps['faults'];
  /** What each way is called; the first is the usual one. */
  ways: readonly (readonly [string, string])[];
}

/** One of two ways. */
function Either({ field, label, chosen, faults, ways }: EitherProps) {
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <select id={field} name={field} class="narrow-field" {...described(field, faults)}>
        {ways.map(([value, name]) => (
          <option value={value} selected={chosen === value}>
            {name}
          </option>
        ))}
      </select>
      <Fault of={field} faults={faults} />
    </div>
  );
}
