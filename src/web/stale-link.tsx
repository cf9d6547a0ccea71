/** @jsxImportSource hono/jsx */
import { AddressField, Trap } from './choice-fields.tsx';
import { Words } from './sheet.tsx';

/** A link that is cut off, too old, or blanked because its mail was passed on: the way to a fresh one. */
export function StaleLinkPage() {
  return (
    <Words title="This link does not open anything">
      <p>
        It may have been cut off on its way, or stem from a mail that was passed on. The links in your own
        newest digest work. Or let us send you a fresh one:
      </p>
      <form method="post" action="/subscribe">
        <div class="line">
          <AddressField value="" label="Your address" />
          <button>Send me a link</button>
        </div>
        <Trap />
      </form>
    </Words>
  );
}
