/** @jsxImportSource hono/jsx */
import type { OutcomeCounts } from '../../db/overview.ts';
import { type Ledger, total } from '../../domain/ledger.ts';
import { weekdayOf } from '../wording.ts';
import { ScrollTable } from './scroll-table.tsx';

export interface Edition {
  ledger: Ledger;
  /** Undefined while they are being counted. */
  outcomes: OutcomeCounts | undefined;
}

const columns = [
  { name: 'Date' },
  ...[
    'Audience',
    'Accepted',
    'Delivered',
    'Bounced',
    'Complained',
    'Skipped',
    'Failed',
    'Unknown',
    'Pending',
  ].map((name) => ({ name })),
  { name: 'State', text: true },
];

/** Editions, a line each, in the words of the ledger. */
export function LedgerTable({ editions }: { editions: readonly Edition[] }) {
  if (editions.length === 0) return <p class="soft">The ledgers of editions will stand here.</p>;
  return (
    <ScrollTable caption="Editions" columns={columns}>
      {editions.map((edition) => (
        <LedgerRow {...edition} />
      ))}
    </ScrollTable>
  );
}

function LedgerRow({ ledger, outcomes }: Edition) {
  const failed = total(ledger.failed);
  return (
    <tr>
      <th scope="row">
        <a href={`/operators/editions/${ledger.date}`}>
          {weekdayOf(ledger.date).slice(0, 3)} {ledger.date}
        </a>
      </th>
      <td>{number(ledger.audience)}</td>
      <td>{number(ledger.accepted)}</td>
      <td>{outcomes ? number(outcomes.delivered) : '…'}</td>
      <td>{outcomes ? number(outcomes.bounced) : '…'}</td>
      <td class={outcomes && outcomes.complained > 0 ? 'red' : undefined}>
        {outcomes ? number(outcomes.complained) : '…'}
      </td>
      <td>{reasons(ledger.skipped)}</td>
      <td class={failed > 0 ? 'red' : undefined}>{reasons(ledger.failed)}</td>
      <td class={ledger.unknown > 0 ? 'red' : undefined}>{number(ledger.unknown)}</td>
      <td>{number(ledger.pending)}</td>
      <td class="text">{ledger.closed ? 'closed' : 'open'}</td>
    </tr>
  );
}

/** "0", "3 nothing new", "3 nothing new, 1 suppressed". */
export function reasons(counts: Partial<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, n]) => (n ?? 0) > 0);
  if (some.length === 0) return '0';
  return some.map(([reason, n]) => `${number(n!)} ${reason.replaceAll('_', ' ')}`).join(', ');
}

export function number(n: number): string {
  return n.toLocaleString('en-US');
}
