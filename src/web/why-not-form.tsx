/** @jsxImportSource hono/jsx */
import { words } from '../words/words.ts';

const said = words.whyNot;
export const askedCharactersMax = 300;

/** Where a reader names the paper that they miss. */
export function WhyNotForm({ path, asked = '' }: { path: string; asked?: string }) {
  return (
    <form class="ask" method="get" action={`${path}/why-not`}>
      <div class="line">
        <div class="field">
          <label for="missed">{said.label}</label>
          <input
            id="missed"
            name="paper"
            type="text"
            value={asked}
            maxlength={askedCharactersMax}
            placeholder="2511.20462"
            autocomplete="off"
          />
        </div>
        <button class="second">{said.ask}</button>
      </div>
    </form>
  );
}
