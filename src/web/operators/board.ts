import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context as HonoContext, Hono, type Next } from 'hono';
import type { Context } from '../../context.ts';
import { queueNames } from '../../queue/queues.ts';

export const boardPath = '/operators/queues';

/** Bull Board over our six queues, to look and not to touch (RULES 25). */
export function openBoard(ctx: Context): Hono {
  const server = new HonoAdapter(serveStatic);
  server.setBasePath(boardPath);
  createBullBoard({
    queues: queueNames.map(
      (name) => new BullMQAdapter(ctx.queues.queue(name), { readOnlyMode: true, allowRetries: false }),
    ),
    // Its types come from a copy of the API that differs in the last digit only.
    serverAdapter: server as never,
    options: {
      uiConfig: {
        boardTitle: 'Broadsheet queues',
        miscLinks: [{ text: 'Operators', url: '/operators' }],
        hideRedisDetails: true,
      },
    },
  });
  return new Hono().use(withoutForeignSheets).route('/', server.registerPlugin());
}

/** Its page asks another host for a font, which our pages forbid and whoever looks at queues need not be told of. */
async function withoutForeignSheets(c: HonoContext, next: Next): Promise<void> {
  await next();
  if (!c.res.headers.get('content-type')?.startsWith('text/html')) return;
  const page = await c.res.text();
  c.res = new Response(page.replaceAll(foreignSheet, ''), c.res);
}

const foreignSheet = /<link href="https?:[^>]*>/g;
