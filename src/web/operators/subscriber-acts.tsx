/** @jsxImportSource hono/jsx */
import type { SubscriberRecord } from '../../pipeline/subscriber-record.ts';

/** Where a complaint or an erasure keeps mail away. */
export const onlyTheReader = 'Only the reader can undo this, by subscribing again.';

/** What an operator may do for a reader. Each is a form; what cannot be undone asks for the address first. */
export function SubscriberActs({
  id,
  record,
  isReadersOwn,
  isRefused,
}: {
  id: number;
  record: SubscriberRecord;
  /** Its suppression is not for operators to lift. */
  isReadersOwn: boolean;
  isRefused: boolean;
}) {
  return (
    <>
      {isRefused && (
        <form class="act" method="post" action={`/operators/subscribers/${id}/again`}>
          <p class="hint">Today’s digest was certainly not accepted, so it cannot come twice.</p>
          <button>Send today’s digest again</button>
        </form>
      )}
      {isReadersOwn ? (
        <p>{onlyTheReader}</p>
      ) : (
        <form method="post" action={`/operators/subscribers/${record.suppressed ? 'release' : 'suppress'}`}>
          <input type="hidden" name="id" value={String(id)} />
          <button class="second">{record.suppressed ? 'Let mail go there again' : 'Suppress'}</button>
        </form>
      )}
      <details>
        <summary>Erase this reader</summary>
        <div>
          <form method="post" action={`/operators/subscribers/${id}/erase`}>
            <p class="hint">
              Everything we hold goes for good, but for a keyed hash that keeps the address from coming back,
              and this page’s number in ledgers and log.
            </p>
            <div class="line">
              <div class="field">
                <label for="erase-address">Type the address to erase it</label>
                <input id="erase-address" name="address" type="text" required autocomplete="off" />
              </div>
              <button>Erase for good</button>
            </div>
          </form>
        </div>
      </details>
    </>
  );
}
