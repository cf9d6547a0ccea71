/** @jsxImportSource hono/jsx */
import type { SourceDay } from '../../db/listings.ts';
import { moment, sourceName, weekdayOf } from '../wording.ts';
import { number } from './ledger-table.tsx';
import { ScrollTable } from './scroll-table.tsx';

const columns = [
  { name: 'Day' },
  { name: 'Source', text: true },
  { name: 'Papers' },
  { name: 'State', text: true },
  { name: 'Read', text: true },
  { name: 'Note', text: true },
];

/** Lists of papers, a line each: how far each was read, and what was wrong with it. */
export function SourceTable({ days }: { days: readonly SourceDay[] }) {
  if (days.length === 0) return <p class="soft">No list of papers has been read yet.</p>;
  return (
    <ScrollTable caption="Lists of papers" columns={columns}>
      {days.map(({ day, source, papers, state, readAt, note }) => (
        <tr>
          <th scope="row">
            <a href={`/operators/papers/${day}`}>
              {weekdayOf(day).slice(0, 3)} {day}
            </a>
          </th>
          <td class="text">{sourceName(source)}</td>
          <td>{number(papers)}</td>
          <td class={state === 'failed' || state === 'stale' ? 'text red' : 'text'}>{state}</td>
          <td class="text">{moment(readAt)}</td>
          <td class="text wrap">{note}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
