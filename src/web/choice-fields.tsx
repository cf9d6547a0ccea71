/** @jsxImportSource hono/jsx */
import { digestPapersMax } from '../domain/digest.ts';
import { curatedTopics } from '../domain/topic.ts';
import type { Faults, TypedChoices } from './choices.ts';
import type { TopicRates } from './topic-rates.ts';
import { weekdayNames } from './wording.ts';
import { described, Fault } from './field.tsx';
import { isListed, zoneGroups } from './zones.ts';

export interface ChoiceFieldsProps {
  typed: TypedChoices;
  faults: Faults;
}

/** What one follows: boxes for the curated topics, lines for one's own. */
export function TopicFields({ typed, faults, rates }: ChoiceFieldsProps & { rates: TopicRates }) {
  return (
    <>
      <fieldset>
        <legend>Topics</legend>
        {rates.size > 0 && <p class="hint">The figures say how many papers a day each had last week.</p>}
        <div class="choices">
          {curatedTopics.map(({ slug, name, description }) => (
            <label title={description}>
              <input type="checkbox" name="topics" value={slug} checked={typed.slugs.includes(slug)} />
              <span>
                {name} <Rate papersADay={rates.get(slug)} />
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div class="field">
        <label for="phrases">Your own words, one topic a line</label>
        <textarea
          id="phrases"
          name="phrases"
          rows={4}
          maxlength={8000}
          {...described('phrases', faults, true)}
        >
          {typed.phrases}
        </textarea>
        <Fault of="phrases" faults={faults} />
        <p class="hint" id="phrases-hint">
          Like <i>protein folding</i>, <i>"world model" robot</i> or <i class="whole">diffusion -image</i>.
          Without any topic you get what is most talked about.
        </p>
      </div>
    </>
  );
}

/** How many papers a day a topic had lately, in the quietest of figures. */
function Rate({ papersADay }: { papersADay: number | undefined }) {
  if (papersADay === undefined) return null;
  const rounded = papersADay < 1 ? '<1' : String(Math.round(papersADay));
  return (
    <span class="rate">
      {rounded}
      <span class="aside-from-view"> a day</span>
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
          <label for="send_hour">Hour</label>
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
          <label for="time_zone">Time zone</label>
          <ZoneSelect typed={typed} faults={faults} guessesZone={guessesZone} />
          <Fault of="time_zone" faults={faults} />
        </div>
      </div>
      <fieldset>
        <legend>Days</legend>
        <input type="hidden" name="weekdays_shown" value="1" />
        <div class="choices days">
          {weekdayNames.map((name, day) => (
            <label>
              <input
                type="checkbox"
                name="weekdays"
                value={String(day + 1)}
                checked={(typed.weekdays & (1 << day)) !== 0}
                aria-label={name}
              />
              {name.slice(0, 3)}
            </label>
          ))}
        </div>
        <Fault of="weekdays" faults={faults} />
        <p class="hint">One day alone makes it a weekly best-of.</p>
      </fieldset>
      <div class="field">
        <label for="max_papers">Papers a day, at most</label>
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
        placeholder="you@university.edu"
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
      <label for="website">Leave this empty</label>
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
