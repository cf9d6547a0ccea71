/** @jsxImportSource hono/jsx */
import { spokenTopic } from '../domain/topic-notation.ts';
import { words } from '../words/words.ts';
import type { ChoiceFieldsProps } from './choice-fields.tsx';
import { topicsOfTyped } from './choices.ts';
import { described, Fault } from './field.tsx';
import type { TopicRates } from './topic-rates.ts';

const said = words.choices;

/** What one wants more of, and what never: for readers who have topics already. */
export function WeightFields({ typed, faults, rates }: ChoiceFieldsProps & { rates: TopicRates }) {
  const topics = topicsOfTyped(typed);
  return (
    <>
      {topics.length > 0 && (
        <fieldset>
          <legend>{said.more}</legend>
          <input type="hidden" name="more_shown" value="1" />
          <div class="choices">
            {topics.map((topic) => (
              <label>
                <input type="checkbox" name="more" value={topic} checked={typed.more.includes(topic)} />
                <span>{rates.find(({ slug }) => slug === topic)?.name ?? spokenTopic(topic)}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <div class="field">
        <label for="muted">{said.muted}</label>
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
          {said.mutedHint}
        </p>
      </div>
    </>
  );
}

/** How a digest looks, and when it rests. */
export function LookFields({ typed, faults }: ChoiceFieldsProps) {
  return (
    <>
      <Either field="layout" label={said.layout} chosen={typed.layout} faults={faults} ways={said.layouts} />
      <Either field="format" label={said.format} chosen={typed.format} faults={faults} ways={said.formats} />
      <Either
        field="empty_days"
        label={said.emptyDays}
        chosen={typed.emptyDays}
        faults={faults}
        ways={said.emptyDaysWays}
      />
      <div class="field">
        <label for="snoozed_until">{said.snooze}</label>
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
          {said.snoozeHint}
        </p>
      </div>
    </>
  );
}

interface EitherProps {
  field: 'layout' | 'format' | 'empty_days';
  label: string;
  chosen: string;
  faults: ChoiceFieldsProps['faults'];
  /** What each way is called; the first is the usual one. */
  ways: Readonly<Record<string, string>>;
}

/** One of two ways. */
function Either({ field, label, chosen, faults, ways }: EitherProps) {
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <select id={field} name={field} class="narrow-field" {...described(field, faults)}>
        {Object.entries(ways).map(([value, name]) => (
          <option value={value} selected={chosen === value}>
            {name}
          </option>
        ))}
      </select>
      <Fault of={field} faults={faults} />
    </div>
  );
}
