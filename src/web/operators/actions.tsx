/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { listActions, type LoggedAction } from '../../db/operator-actions.ts';
import { page } from '../respond.ts';
import { moment } from '../wording.ts';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

const actionsShownMax = 100;

/** The log of what operators did, newest first. */
export function actionRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/operators/log', async (c) => {
    const before = c.req.query('before');
    const isPaged = before !== undefined && /^\d{1,18}$/.test(before);
    const found = await listActions(ctx.db, { limit: actionsShownMax + 1, ...(isPaged && { before }) });
    const actions = found.slice(0, actionsShownMax);
    const older = found.length > actionsShownMax ? actions.at(-1)!.id : undefined;
    return page(c, <ActionsPage actions={actions} older={older} />);
  });
  return routes;
}

function ActionsPage({ actions, older }: { actions: readonly LoggedAction[]; older: string | undefined }) {
  return (
    <OperatorSheet title="Log" section="actions">
      <h1>What operators did</h1>
      <p class="soft">
        No address stands here: a reader is a number, which says nothing once they are erased.
      </p>
      <ActionTable actions={actions} caption="Actions" />
      {older && (
        <p class="turn">
          <a href={`/operators/log?before=${older}`}>Older</a>
        </p>
      )}
    </OperatorSheet>
  );
}

/** Actions as one table; of one subscriber's it need not say whose. */
export function ActionTable({ actions, caption }: { actions: readonly LoggedAction[]; caption: string }) {
  if (actions.length === 0) return <p class="soft">Nothing yet.</p>;
  const columns = ['When', 'Who', 'What', 'To'].map((name) => ({ name, text: true }));
  return (
    <ScrollTable caption={caption} columns={columns}>
      {actions.map(({ at, operator, action, subscriberId, subject }) => (
        <tr>
          <td class="text">{moment(at)}</td>
          <td class="text">{operator}</td>
          <td class="text">{action}</td>
          <td class="text wrap">
            {subscriberId !== null && (
              <a href={`/operators/subscribers/${subscriberId}`}>reader {subscriberId}</a>
            )}{' '}
            {subject}
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}
