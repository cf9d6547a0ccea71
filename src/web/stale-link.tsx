/** @jsxImportSource hono/jsx */
import { words } from '../words/words.ts';
import { AddressField, Trap } from './choice-fields.tsx';
import { Words } from './sheet.tsx';

const said = words.stale;

/** A link that is cut off, too old, or blanked because its mail was passed on: the way to a fresh one. */
export function StaleLinkPage() {
  return (
    <Words title={said.title}>
      <p>{said.why}</p>
      <form method="post" action="/subscribe">
        <div class="line">
          <AddressField value="" label={words.choices.address} />
          <button>{said.button}</button>
        </div>
        <Trap />
      </form>
    </Words>
  );
}
