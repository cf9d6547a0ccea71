/** @jsxImportSource hono/jsx */
import { AddressField, TimeFields, TopicFields, Trap } from './choice-fields.tsx';
import type { Faults, TypedChoices } from './choices.ts';

interface SubscribeFormProps {
  typed: TypedChoices;
  address: string;
  faults: Faults;
}

/** One line with one button; the choices wait behind a fold, and have sensible values already. */
export function SubscribeForm({ typed, address, faults }: SubscribeFormProps) {
  const hasChoiceFault = Object.keys(faults).some((field) => field !== 'email');
  return (
    <form class="ask" method="post" action="/subscribe">
      <div class="line">
        <AddressField
          value={address}
          fault={faults.email}
          label="The papers that matter to you, once a day"
        />
        <button>Subscribe</button>
      </div>
      <details open={hasChoiceFault}>
        <summary>Choose topics and time</summary>
        <div>
          <TopicFields typed={typed} faults={faults} />
          <TimeFields typed={typed} faults={faults} />
          <button>Subscribe</button>
        </div>
      </details>
      <Trap />
    </form>
  );
}
