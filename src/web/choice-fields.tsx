/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { digestPapersMax } from '../domain/digest.ts';
import { curatedTopics } from '../domain/topic.ts';
import { words } from '../words/words.ts';
import type { Faults, TypedChoices } from './choices.ts';
import type { NamedField } from './named-topics.ts';
import type { OfferedTopic, TopicRates } from './topic-rates.ts';
import { described, Fault } from './field.tsx';
import { isListed, zoneGroups } from './zones.ts';

const said = words.choices;

export interface ChoiceFieldsProps {
  typed: TypedChoices;
  faults: Faults;
}

/** What one follows: boxes for the curated topics by their fields, lines for whatever is one's own. */
export function TopicFields({ typed, faults, rates }: ChoiceFieldsProps & { rates: TopicRates }) {
  // In the order of the data file; what operators added stands last.
  const fields = [...new Set([...curatedTopics.map(({ field }) => field), said.otherTopics])].filter(
    (field) => rates.some((topic) => fieldOf(topic) === field),
  );
  return (
    <>
      <fieldset class="picker">
        <legend>{said.topics}</legend>
        {rates.some(({ papersADay }) => papersADay !== undefined) && <p class="hint">{said.rates}</p>}
        {/* Comfort: the script shows it, and narrows the boxes to what is typed. */}
        <input type="search" data-find hidden aria-label={said.find} placeholder={said.find} />
        {fields.map((field) => (
          <div role="group" aria-label={field}>
            <p class="group" aria-hidden="true">
              {field}
            </p>
            <div class="choices">
              {rates
                .filter((topic) => fieldOf(topic) === field)
                .map(({ slug, name, description, papersADay }) => (
                  <label title={description}>
                    <input type="checkbox" name="topics" value={slug} checked={typed.slugs.includes(slug)} />
                    <span>
                      {name} <Rate papersADay={papersADay} />
                    </span>
                  </label>
                ))}
            </div>
          </div>
        ))}
      </fieldset>
      <Lines field="phrases" rows={3} typed={typed} faults={faults} label={said.phrases}>
        {said.phrasesLike(example)}
      </Lines>
      <div class="three">
        <Lines field="authors" typed={typed} faults={faults} label={said.authors}>
          {said.authorsLike(example)}
        </Lines>
        <Lines field="organizations" typed={typed} faults={faults} label={said.organizations}>
          {said.organizationsLike(example)}
        </Lines>
        <Lines field="likes" typed={typed} faults={faults} label={said.likes}>
          {said.likesLike(example)}
        </Lines>
      </div>
    </>
  );
}

function fieldOf({ slug }: OfferedTopic): string {
  return curatedTopics.find((topic) => topic.slug === slug)?.field ?? said.otherTopics;
}

function example(text: string) {
  return <i class="whole">{text}</i>;
}

interface LinesProps extends ChoiceFieldsProps {
  field: 'phrases' | NamedField;
  label: string;
  rows?: number;
  children: Child;
}

/** A field of lines, with a hint. */
function Lines({ field, label, rows = 2, typed, faults, children }: LinesProps) {
  return (
    <div class="field">
      <label for={field}>{label}</label>
      <textarea
        id={field}
        name={field}
        rows={rows}
        maxlength={linesCharactersMax}
        class="low"
        {...described(field, faults, true)}
      >
        {typed[field]}
      </textarea>
      <Fault of={field} faults={faults} />
      <p class="hint" id={`${field}-hint`}>
        {children}
      </p>
    </div>
  );
}

const linesCharactersMax = 8000;

/** How many papers a day a topic had lately, in the quietest of figures. */
function Rate({ papersADay }: { papersADay: number | undefined }) {
  if (papersADay === undefined) return null;
  const rounded = papersADay < 1 ? '<1' : String(Math.round(papersADay));
  return (
    <span class="rate">
      {rounded}
      <span class="aside-from-view">{said.aDay}</span>
    </span>
  );
}

/** When it comes, and how much. */
export function TimeFields({
  typed,
  faults,
  guessesZone = false,
}: ChoiceFieldsProps & { guessesZone?: boolean }) {
  return (
    <>
      <div class="two">
        <div class="field">
          <label for="send_hour">{said.hour}</label>
          <select id="send_hour" name="send_hour" {...described('send_hour', faults)}>
            {hours.map((hour) => (
              <option value={String(hour)} selected={typed.sendHour === String(hour)}>
                {`${String(hour).padStart(2, '0')}:00`}
              </option>
            ))}
          </select>
          <Fault of="send_hour" faults={faults} />
        </div>
        <div class="field">
          <label for="time_zone">{said.timeZone}</label>
          <ZoneSelect typed={typed} faults={faults} guessesZone={guessesZone} />
          <Fault of="time_zone" faults={faults} />
        </div>
      </div>
      <fieldset>
        <legend>{said.days}</legend>
        <input type="hidden" name="weekdays_shown" value="1" />
        <div class="choices days">
          {words.dates.weekdays.map((name, day) => (
            <label>
              <input
                type="checkbox"
                name="weekdays"
                value={String(day + 1)}
                checked={(typed.weekdays & (1 << day)) !== 0}
                aria-label={name}
              />
              {words.dates.weekdayShort(day)}
            </label>
          ))}
        </div>
        <Fault of="weekdays" faults={faults} />
        <p class="hint">{said.daysHint}</p>
      </fieldset>
      <div class="field">
        <label for="max_papers">{said.maxPapers}</label>
        <input
          id="max_papers"
          name="max_papers"
          type="number"
          min="1"
          max={String(digestPapersMax)}
          value={typed.maxPapers}
          {...described('max_papers', faults)}
        />
        <Fault of="max_papers" faults={faults} />
      </div>
    </>
  );
}

/** Whom the mail goes to. */
export function AddressField({
  value,
  fault,
  label,
}: {
  value: string;
  fault?: string | undefined;
  label: string;
}) {
  const faults = fault === undefined ? {} : { email: fault };
  return (
    <div class="field">
      <label for="email">{label}</label>
      <input
        id="email"
        name="email"
        type="email"
        required
        autocomplete="email"
        maxlength={254}
        placeholder={said.addressLike}
        value={value}
        {...described('email', faults)}
      />
      <Fault of="email" faults={faults} />
    </div>
  );
}

/** A field that no person sees; what fills it is a program. */
export function Trap() {
  return (
    <div class="aside-from-view" aria-hidden="true">
      <label for="website">{said.trap}</label>
      <input id="website" name="website" type="text" tabindex={-1} autocomplete="off" />
    </div>
  );
}

function ZoneSelect({ typed, faults, guessesZone }: ChoiceFieldsProps & { guessesZone: boolean }) {
  const { timeZone } = typed;
  return (
    <select
      id="time_zone"
      name="time_zone"
      {...(guessesZone && { 'data-guess': '' })}
      {...described('time_zone', faults)}
    >
      {!isListed(timeZone) && (
        <option value={timeZone} selected>
          {timeZone}
        </option>
      )}
      <option value="UTC" selected={timeZone === 'UTC'}>
        UTC
      </option>
      {zoneGroups().map((group) => (
        <optgroup label={group.name}>
          {group.zones.map((zone) => (
            <option value={zone} selected={zone === timeZone}>
              {zone
                .slice(zone.indexOf('/') + 1)
                .replaceAll('_', ' ')
                .replaceAll('/', ', ')}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => hour);
