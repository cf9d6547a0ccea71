/** @jsxImportSource hono/jsx */
import { AddressField, TimeFields, TopicFields, Trap } from './choice-fields.tsx';
import type { Child } from 'hono/jsx';
import { type Faults, type TypedChoices, untouched } from './choices.ts';
import type { TopicRates } from './topic-rates.ts';
import { words } from '../words/words.ts';

interface SubscribeFormProps {
  typed: TypedChoices;
  address: string;
  faults: Faults;
  rates: TopicRates;
  /** Whether the choices stand open already. */
  isOpen?: boolean;
  /** The choices' would-be digest, where it was asked for. */
  children?: Child;
}

const said = words.subscribe;

/** One line with one button; the choices wait behind a fold, and have sensible values already. */
export function SubscribeForm({ typed, address, faults, rates, isOpen, children }: SubscribeFormProps) {
  const hasChoiceFault = Object.keys(faults).some((field) => field !== 'email');
  return (
    <form class="ask" method="post" action="/subscribe">
      <div class="line">
        <AddressField value={address} fault={faults.email} label={said.consent} />
        <button>{said.button}</button>
      </div>
      <details open={hasChoiceFault || isOpen}>
        <summary>{said.choose}</summary>
        <div>
          <TopicFields typed={typed} faults={faults} rates={rates} />
          <TimeFields
            typed={typed}
            faults={faults}
            guessesZone={address === '' && typed.timeZone === untouched.timeZone}
          />
          <p class="act">
            <button>{said.button}</button>{' '}
            <button class="second" name="do" value="preview" formnovalidate>
              {said.preview}
            </button>
          </p>
        </div>
      </details>
      {children}
      <Trap />
    </form>
  );
}
