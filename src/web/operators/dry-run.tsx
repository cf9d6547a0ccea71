/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { isDate } from '../../domain/calendar.ts';
import { type Rehearsal, rehearse } from '../../pipeline/rehearse.ts';
import { readForm } from '../form.ts';
import { paperPath } from '../paper-links.ts';
import { page } from '../respond.ts';
import { longDate, weekdayOf } from '../wording.ts';
import { number } from './ledger-table.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

/** Enough to tell shares by; the whole is `broadsheet edition dry-run`. */
const readersRehearsedMax = 500;

/** Who would get what next and why not, against the day before. It takes a moment, so it is a button; it writes nothing. */
export function dryRunRoutes(ctx: Context): Hono {
  const routes = new Hono();
  let isRunning = false;

  routes.get('/operators/dry-run', (c) => {
    const date = c.req.query('date') ?? '';
    return page(c, <DryRunPage date={isDate(date) ? date : undefined} />);
  });

  routes.post('/operators/dry-run', async (c) => {
    const given = (await readForm(c)).text('date');
    const date = isDate(given) ? given : undefined;
    if (isRunning)
      return page(
        c,
        <DryRunPage date={date} said="One is being rehearsed already; try again in a moment." />,
        429,
      );
    isRunning = true;
    try {
      const rehearsal = await rehearse(ctx, { date, readersMax: readersRehearsedMax });
      const said = rehearsal ? undefined : 'Nobody is due: there is no active subscriber.';
      return page(c, <DryRunPage date={rehearsal?.date ?? date} said={said} rehearsal={rehearsal} />);
    } finally {
      isRunning = false;
    }
  });
  return routes;
}

interface DryRunPageProps {
  date?: string | undefined;
  said?: string | undefined;
  rehearsal?: Rehearsal | undefined;
}

function DryRunPage({ date, said, rehearsal }: DryRunPageProps) {
  return (
    <OperatorSheet title="Rehearsal" section="editions">
      <h1>{rehearsal ? `${longDate(rehearsal.date)}, rehearsed` : 'Who would get what'}</h1>
      <form method="post" action="/operators/dry-run">
        <div class="field">
          <label for="date">Date of the edition</label>
          <input class="narrow-field" id="date" name="date" type="date" value={date} />
          <p class="hint">
            Left empty, it is the next that somebody is due in. Nothing is written, and nothing is mailed.
          </p>
        </div>
        <button class="second">Rehearse</button>
      </form>
      {said && (
        <div class="note" role="status">
          <p>{said}</p>
        </div>
      )}
      {rehearsal && <Outcome rehearsal={rehearsal} />}
    </OperatorSheet>
  );
}

function Outcome({ rehearsal }: { rehearsal: Rehearsal }) {
  const { warnings, audience, rehearsed, toCome, dayBefore, topPapers } = rehearsal;
  return (
    <>
      <p class="sentence">
        {number(audience)} are due
        {dayBefore &&
          `, after ${number(dayBefore.ledger.audience)} on ${weekdayOf(dayBefore.ledger.date)}`}.{' '}
        {warnings.length > 0 && <b class="red">{warnings.join(' ')}</b>}
      </p>
      {rehearsed < toCome && (
        <p class="soft">
          The shares are those of {number(rehearsed)}, the longest subscribed of each hour; all of them are
          told by <code>broadsheet edition dry-run</code>.
        </p>
      )}
      <section class="block">
        <Shares rehearsal={rehearsal} />
      </section>
      <section class="block">
        <ScrollTable
          caption="Papers that most would get"
          columns={[{ name: 'Paper', text: true }, { name: 'Digests' }]}
        >
          {topPapers.map(({ key, title, digests }) => (
            <tr>
              <td class="text wrap">
                <a href={paperPath(key)}>{title}</a>
              </td>
              <td>{number(digests)}</td>
            </tr>
          ))}
        </ScrollTable>
      </section>
    </>
  );
}

/** Shares beside those of the day before, so that a sample and a whole can be compared. */
function Shares({ rehearsal }: { rehearsal: Rehearsal }) {
  const { rehearsed, wouldGet, skipped, papersPerDigest, htmlBytes, dayBefore } = rehearsal;
  const then = dayBefore?.ledger;
  const due = (of: number) => share(of, then?.audience ?? 0);
  const reasons = [...new Set([...Object.keys(skipped), ...Object.keys(then?.skipped ?? {})])].toSorted();
  const sizes = [
    ...new Set([...Object.keys(papersPerDigest), ...Object.keys(dayBefore?.papersPerDigest ?? {})]),
  ];
  const mailedThen = Object.values(dayBefore?.papersPerDigest ?? {}).reduce((sum, n) => sum + n, 0);
  const rows: [string, string, string][] = [
    ['Get a digest', share(wouldGet, rehearsed), due(then ? then.accepted + then.pending : 0)],
    ...reasons.map((reason): [string, string, string] => [
      `Skipped, ${reason.replaceAll('_', ' ')}`,
      share(skipped[reason] ?? 0, rehearsed),
      due(then?.skipped[reason as 'nothing_new'] ?? 0),
    ]),
    ...sizes
      .toSorted((a, b) => Number(a) - Number(b))
      .map((papers): [string, string, string] => [
        `${papers} ${papers === '1' ? 'paper' : 'papers'}`,
        share(papersPerDigest[papers] ?? 0, wouldGet),
        share(dayBefore?.papersPerDigest[papers] ?? 0, mailedThen),
      ]),
  ];
  return (
    <>
      <ScrollTable
        caption="Shares"
        columns={[{ name: 'What' }, { name: 'This edition' }, ...(then ? [{ name: 'The day before' }] : [])]}
      >
        {rows.map(([name, now, before]) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{now}</td>
            {then && <td>{before}</td>}
          </tr>
        ))}
      </ScrollTable>
      {htmlBytes && (
        <p class="soft">
          HTML parts of {number(htmlBytes.smallest)} to {number(htmlBytes.largest)} bytes,{' '}
          {number(htmlBytes.median)} in the middle.
        </p>
      )}
    </>
  );
}

function share(n: number, of: number): string {
  return of === 0 ? '—' : `${((n / of) * 100).toFixed(1)} %`;
}
