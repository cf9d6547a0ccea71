/** @jsxImportSource hono/jsx */
import { isReadersOwn } from '../../db/suppression-list.ts';
import type { SubscriberRecord } from '../../pipeline/subscriber-record.ts';
import { moment } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { onlyTheReader } from './subscriber-acts.tsx';

export interface SearchPageProps {
  /** What was looked for and not found among the subscribers. */
  wanted?: string;
  /** What is known of it all the same: that it is suppressed. */
  record?: SubscriberRecord | undefined;
  isAddress?: boolean;
}

/** The way to one reader: by address, or by the number that the log names. */
export function SearchPage({ wanted, record, isAddress }: SearchPageProps) {
  const suppressed = record?.timeline.at(-1);
  const isKept = isReadersOwn(suppressed?.['reason']);
  return (
    <OperatorSheet title="Subscribers" section="subscribers">
      <h1>Find a reader</h1>
      <form method="post" action="/operators/subscribers">
        <div class="line">
          <div class="field">
            <label for="address">Address, or number</label>
            <input
              id="address"
              name="address"
              type="text"
              required
              autofocus
              autocomplete="off"
              value={wanted}
            />
          </div>
          <button>Find</button>
        </div>
      </form>
      {wanted !== undefined && (
        <section class="block" role="status">
          {!isAddress && <p>This is no address, and no reader has this number.</p>}
          {isAddress && !suppressed && <p>No reader has this address, and it is not suppressed.</p>}
          {suppressed && (
            <p>
              No reader has this address. It is suppressed since {moment(new Date(suppressed.at))}:{' '}
              {String(suppressed['reason']).replaceAll('_', ' ')}, said by the {String(suppressed['origin'])}.
            </p>
          )}
          {isKept && <p>{onlyTheReader}</p>}
          {isAddress && !isKept && (
            <form
              class="act"
              method="post"
              action={`/operators/subscribers/${suppressed ? 'release' : 'suppress'}`}
            >
              <input type="hidden" name="address" value={wanted} />
              <button class="second">{suppressed ? 'Let mail go there again' : 'Suppress it'}</button>
            </form>
          )}
        </section>
      )}
    </OperatorSheet>
  );
}
