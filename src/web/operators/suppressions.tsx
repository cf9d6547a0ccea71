/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { countSuppressions, pageSuppressions, type SuppressionLine } from '../../db/suppression-list.ts';
import { scrub } from '../../log.ts';
import { page } from '../respond.ts';
import { moment } from '../wording.ts';
import { number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

const linesShownMax = 100;

/** Who gets no mail, and why, as far as that can be said without addresses. */
export function suppressionRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/operators/suppressions', async (c) => {
    const before = readPlace(c.req.query('before'));
    const [counts, found] = await Promise.all([
      countSuppressions(ctx.db),
      pageSuppressions(ctx.db, { limit: linesShownMax + 1, before }),
    ]);
    const lines = found.slice(0, linesShownMax);
    const older = found.length > linesShownMax ? lines.at(-1) : undefined;
    return page(c, <SuppressionsPage counts={counts} lines={lines} older={older} />);
  });
  return routes;
}

/** The last line of the page before: its moment and its hash. */
function readPlace(given: string | undefined): { at: string; hash: string } | undefined {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([0-9a-f]{64})$/.exec(given ?? '');
  if (!found || Number.isNaN(Date.parse(found[1]!))) return undefined;
  return { at: found[1]!, hash: found[2]! };
}

interface SuppressionsPageProps {
  counts: Awaited<ReturnType<typeof countSuppressions>>;
  lines: readonly SuppressionLine[];
  older: SuppressionLine | undefined;
}

function SuppressionsPage({ counts, lines, older }: SuppressionsPageProps) {
  return (
    <OperatorSheet title="Suppressions" section="suppressions">
      <h1>Who gets no mail</h1>
      <p class="soft">
        Only a keyed hash of each address is kept. Whether one is among them, and why,{' '}
        <a href="/operators/subscribers">its reader’s page</a> tells; there it is also suppressed or released.
      </p>
      <section class="block">
        <ScrollTable
          caption="By reason"
          columns={[{ name: 'Reason', text: true }, { name: 'Said by', text: true }, { name: 'Addresses' }]}
        >
          {counts.map(({ reason, origin, addresses }) => (
            <tr>
              <td class="text">{reason.replaceAll('_', ' ')}</td>
              <td class="text">{origin}</td>
              <td>{number(addresses)}</td>
            </tr>
          ))}
        </ScrollTable>
      </section>
      <section class="block">
        <ScrollTable
          caption="The newest"
          columns={['Since', 'Reason', 'Said by', 'In the words of the other side', 'Hash'].map((name) => ({
            name,
            text: true,
          }))}
        >
          {lines.map(({ at, reason, origin, detail, hash }) => (
            <tr>
              <td class="text">{moment(new Date(at))}</td>
              <td class="text">{reason.replaceAll('_', ' ')}</td>
              <td class="text">{origin}</td>
              <td class="text wrap">{detail && scrub(detail)}</td>
              <td class="text">{hash.slice(0, 12)}…</td>
            </tr>
          ))}
        </ScrollTable>
        {older && (
          <p class="turn">
            <a href={`/operators/suppressions?before=${older.at}_${older.hash}`}>Older</a>
          </p>
        )}
      </section>
    </OperatorSheet>
  );
}
