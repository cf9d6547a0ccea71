/** @jsxImportSource hono/jsx */
import { AddressField, TimeFields, TopicFields, Trap } from './choice-fields.tsx';
import type { Child } from 'hono/jsx';
import { type Faults, type TypedChoices, untouched } from './choices.ts';
import type { TopicRates } from './topic-rates.ts';

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

/** What somebody who presses the button agrees to; kept with their consent. */
export const consentWords = 'The papers that matter to you, once a day';

/** One line with one button; the choices wait behind a fold, and have sensible values already. */
export function SubscribeForm({ typed, address, faults, rates, isOpen, children }: SubscribeFormProps) {
  const hasChoiceFault = Object.keys(faults).some((field) => field !== 'email');
  return (
    <form class="ask" method="post" action="/subscribe">
      <div class="line">
        <AddressField value={address} fault={faults.email} label={consentWords} />
        <button>Subscribe</button>
      </div>
      <details open={hasChoiceFault || isOpen}>
        <summary>Choose topics and time</summary>
        <div>
          <TopicFields typed={typed} faults={faults} rates={rates} />
          <TimeFields
            typed={typed}
            faults={faults}
            guessesZone={address === '' && typed.timeZone === untouched.timeZone}
          />
          <p class="act">
            <button>Subscribe</button>{' '}
            <button class="second" name="do" value="preview" formnovalidate>
              Show what I would get
            </button>
          </p>
        </div>
      </details>
      {children}
      <Trap />
    </form>
  );
}
